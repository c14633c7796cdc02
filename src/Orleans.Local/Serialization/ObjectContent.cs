// Stands for what Orleans.CodeGenerator generates for a type marked [GenerateSerializer].
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

internal sealed class ObjectContent<T> : Content, IMemberContent
{
    private static readonly bool IsConstructed = typeof(T).GetConstructor(Type.EmptyTypes) is not null;

    private readonly MemberSet<T> _members = new();
    private readonly bool _isImmutable = typeof(T).IsDefined(typeof(ImmutableAttribute), inherit: false);

    public override bool IsTracked => !_isImmutable;

    public override void Write(WireWriter writer, object value) => _members.Write(writer, ref Unsafe.As<object, T>(ref value));

    public override object Read(WireReader reader, int position)
    {
        object value = IsConstructed ? Activator.CreateInstance<T>()! : RuntimeHelpers.GetUninitializedObject(typeof(T));
        if (IsTracked)
            reader.Record(position, value);
        ReadInto(reader, value);
        return value;
    }

    public void ReadInto(WireReader reader, object value) => _members.Read(reader, ref Unsafe.As<object, T>(ref value));
}

/// <summary>A content that can be read into an object that is there already.</summary>
internal interface IMemberContent
{
    void ReadInto(WireReader reader, object value);
}

internal sealed class StructCodec<T> : Codec<T>
{
    private readonly MemberSet<T> _members = new();

    public override void Write(WireWriter writer, T value)
    {
        writer.Enter();
        _members.Write(writer, ref value);
        writer.Leave();
    }

    public override T Read(WireReader reader)
    {
        T value = default!;
        reader.Enter();
        _members.Read(reader, ref value);
        reader.Leave();
        return value;
    }
}

/// <summary>
/// The members of a type. Each is written as its number plus one, its length and its value, and a zero ends the members of one class.
/// So a reader that does not know a number skips it, and a member that is not written keeps the value it was made with.
/// </summary>
internal sealed class MemberSet<T>
{
    private readonly Member<T>[][] _levels =
        [.. SerializedMembers.LevelsOf(typeof(T)).Select(level => level.Select(member => Member<T>.Of(member.Id, member.Field)).ToArray())];

    public void Write(WireWriter writer, ref T value)
    {
        foreach (var level in _levels)
        {
            foreach (var member in level)
            {
                writer.WriteVarint(member.Id + 1UL);
                int start = writer.BeginLength();
                member.Write(writer, ref value);
                writer.EndLength(start);
            }

            writer.WriteByte(0);
        }
    }

    public void Read(WireReader reader, ref T value)
    {
        foreach (var level in _levels)
        {
            int next = 0;
            while (reader.ReadVarint() is var number && number != 0)
            {
                int end = reader.ReadPartEnd();
                if (Find(level, number - 1, ref next) is { } member)
                {
                    member.Read(reader, ref value);
                    if (reader.Position != end)
                        throw new SerializerException($"Member {number - 1} of {typeof(T)} has another length than it says.");
                }

                reader.Skip(end);
            }
        }
    }

    /// <summary>Members come in the order of their numbers, as a rule.</summary>
    private static Member<T>? Find(Member<T>[] level, ulong id, ref int next)
    {
        if (next < level.Length && level[next].Id == id)
            return level[next++];
        next = Array.FindIndex(level, member => member.Id == id) + 1;
        return next == 0 ? null : level[next - 1];
    }
}

internal abstract class Member<T>(uint id)
{
    public uint Id => id;

    public static Member<T> Of(uint id, FieldInfo field) =>
        (Member<T>)Activator.CreateInstance(typeof(Member<,>).MakeGenericType(typeof(T), field.FieldType), id, field)!;

    public abstract void Write(WireWriter writer, ref T owner);

    public abstract void Read(WireReader reader, ref T owner);
}

internal sealed class Member<T, TField>(uint id, FieldInfo field) : Member<T>(id)
{
    private readonly FieldReference _reference = Compile(field);
    private Codec<TField>? _codec;

    private delegate ref TField FieldReference(ref T owner);

    private Codec<TField> Codec => _codec ??= Codecs.Of<TField>();

    public override void Write(WireWriter writer, ref T owner) => Codec.Write(writer, _reference(ref owner));

    public override void Read(WireReader reader, ref T owner) => _reference(ref owner) = Codec.Read(reader);

    /// <summary>The address of the field in its owner: the one way to write to read-only fields too without boxing the owner.</summary>
    private static FieldReference Compile(FieldInfo field)
    {
        var method = new DynamicMethod(
            field.Name, typeof(TField).MakeByRefType(), [typeof(T).MakeByRefType()], typeof(Member<T, TField>).Module, skipVisibility: true);
        var code = method.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        if (!typeof(T).IsValueType)
            code.Emit(OpCodes.Ldind_Ref);
        code.Emit(OpCodes.Ldflda, field);
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<FieldReference>();
    }
}

// Stands for Orleans.Serialization.Codecs.IFieldCodec<T> and Orleans.Serialization.Serializers.CodecProvider.
using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>Writes and reads the values of a place (a member, an element, an argument) whose declared type is <typeparamref name="T"/>.</summary>
internal abstract class Codec<T>
{
    public abstract void Write(WireWriter writer, T value);

    public abstract T Read(WireReader reader);
}

/// <summary>Writes and reads what is inside an object of one type, whatever the declared type of its place.</summary>
internal abstract class Content
{
    /// <summary>Whether an object met twice is written once and referred to; not where nobody could tell.</summary>
    public virtual bool IsTracked => false;

    public abstract void Write(WireWriter writer, object value);

    /// <param name="reader">After the object's type.</param>
    /// <param name="position">Of the object, under which a tracked one is recorded before its members are read.</param>
    public abstract object Read(WireReader reader, int position);
}

internal static class Codecs
{
    private static readonly ConcurrentDictionary<Type, object> ByPlace = new();
    private static readonly ConcurrentDictionary<Type, Content> ByType = new();

    public static Codec<T> Of<T>() => (Codec<T>)Of(typeof(T));

    public static object Of(Type declared) =>
        ByPlace.GetOrAdd(declared, static type => BasicCodecs.Find(type) ?? Make(FindCodec(type)));

    public static Content ContentOf(Type type) => ByType.GetOrAdd(type, static type => (Content)Make(FindContent(type)));

    private static object Make(Type type) => Activator.CreateInstance(type)!;

    private static Type FindCodec(Type type)
    {
        if (!type.IsValueType)
            return typeof(ReferenceCodec<>).MakeGenericType(type);
        if (type.IsEnum)
            return typeof(EnumCodec<>).MakeGenericType(type);
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return typeof(NullableCodec<>).MakeGenericType(underlying);
        return type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) || IsTuple(type)
            ? typeof(StructCodec<>).MakeGenericType(type)
            : throw NotFound(type);
    }

    private static Type FindContent(Type type)
    {
        if (type.IsAssignableTo(typeof(global::Orleans.Runtime.GrainReference)))
            return typeof(ReferenceContent);
        if (type.IsAssignableTo(typeof(Exception)))
            return typeof(ExceptionContent);
        if (type.IsValueType || BasicCodecs.Find(type) is not null)
            return typeof(ValueContent<>).MakeGenericType(type);
        if (type.IsSZArray)
            return typeof(ArrayContent<>).MakeGenericType(type.GetElementType()!);
        var arguments = type.GetGenericArguments();
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (definition == typeof(List<>))
            return typeof(ListContent<>).MakeGenericType(arguments);
        if (definition == typeof(HashSet<>))
            return typeof(SetContent<>).MakeGenericType(arguments);
        if (definition == typeof(Dictionary<,>))
            return typeof(DictionaryContent<,>).MakeGenericType(arguments);
        bool isMarked = type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) || IsTuple(type);
        return isMarked && !type.IsAbstract ? typeof(ObjectContent<>).MakeGenericType(type) : throw NotFound(type);
    }

    private static bool IsTuple(Type type) =>
        SerializedMembers.IsTuple(type);

    private static CodecNotFoundException NotFound(Type type) => new($"Could not find a codec for type {type}.");
}

/// <summary>A place of a class or interface type: null, an object met before, or an object of the declared or of a named type.</summary>
internal sealed class ReferenceCodec<T> : Codec<T>
{
    private const byte Null = 0;
    private const byte Known = 1;
    private const byte OfDeclaredType = 2;
    private const byte OfNamedType = 3;

    private Content? _declared;

    private Content Declared => _declared ??= Codecs.ContentOf(typeof(T));

    public override void Write(WireWriter writer, T value)
    {
        if (value is null)
        {
            writer.WriteByte(Null);
            return;
        }

        var type = value.GetType();
        bool isDeclared = type == typeof(T);
        var content = isDeclared ? Declared : Codecs.ContentOf(type);
        if (content.IsTracked && writer.TryGetKnown(value, out int position))
        {
            writer.WriteByte(Known);
            writer.WriteVarint((ulong)position);
            return;
        }

        writer.WriteByte(isDeclared ? OfDeclaredType : OfNamedType);
        if (!isDeclared)
            writer.WriteString(WireTypes.NameOf(type));
        writer.Enter();
        content.Write(writer, value);
        writer.Leave();
    }

    public override T Read(WireReader reader)
    {
        int position = reader.Position;
        byte tag = reader.ReadByte();
        if (tag == Null)
            return default!;
        object value = tag switch
        {
            Known => reader.GetKnown(reader.ReadVarint()),
            OfDeclaredType => ReadContent(reader, Declared, position),
            OfNamedType => ReadContent(reader, WireTypes.ContentNamed(reader.ReadString()), position),
            _ => throw new SerializerException($"No object begins with byte {tag}."),
        };
        return value is T typed ? typed : throw new SerializerException($"A {value.GetType()} where a {typeof(T)} belongs.");
    }

    private static object ReadContent(WireReader reader, Content content, int position)
    {
        reader.Enter();
        object value = content.Read(reader, position);
        reader.Leave();
        return value;
    }
}

/// <summary>A value where an object is declared, boxed, or an object that is written as a value is.</summary>
internal sealed class ValueContent<T> : Content
{
    private readonly Codec<T> _codec = Codecs.Of<T>();

    public override void Write(WireWriter writer, object value) => _codec.Write(writer, (T)value);

    public override object Read(WireReader reader, int position) =>
        (object?)_codec.Read(reader) ?? throw new SerializerException("A null where a value belongs.");
}

internal sealed class EnumCodec<T> : Codec<T>
    where T : struct, Enum
{
    public override void Write(WireWriter writer, T value) => writer.WriteSigned(Unsafe.SizeOf<T>() switch
    {
        1 => Unsafe.BitCast<T, sbyte>(value),
        2 => Unsafe.BitCast<T, short>(value),
        4 => Unsafe.BitCast<T, int>(value),
        _ => Unsafe.BitCast<T, long>(value),
    });

    public override T Read(WireReader reader)
    {
        long value = reader.ReadSigned();
        return Unsafe.SizeOf<T>() switch
        {
            1 => Unsafe.BitCast<sbyte, T>((sbyte)value),
            2 => Unsafe.BitCast<short, T>((short)value),
            4 => Unsafe.BitCast<int, T>((int)value),
            _ => Unsafe.BitCast<long, T>(value),
        };
    }
}

internal sealed class NullableCodec<T> : Codec<T?>
    where T : struct
{
    private readonly Codec<T> _codec = Codecs.Of<T>();

    public override void Write(WireWriter writer, T? value)
    {
        writer.WriteByte(value.HasValue ? (byte)1 : (byte)0);
        if (value.HasValue)
            _codec.Write(writer, value.GetValueOrDefault());
    }

    public override T? Read(WireReader reader) => reader.ReadByte() == 0 ? null : _codec.Read(reader);
}

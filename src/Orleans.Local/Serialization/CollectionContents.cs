// Stands for Orleans.Serialization.Codecs.ArrayCodec<T>, ListCodec<T>, HashSetCodec<T> and DictionaryCodec<TKey, TValue>.
using System.Runtime.CompilerServices;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// An array. Its elements are read into a list first where they are much bigger in memory than they may be on the wire, so that a
/// false length costs its sender as much as us; such an array is not one that others refer to.
/// </summary>
internal sealed class ArrayContent<T> : Content
{
    private const int MaxElementBytes = 16;

    private readonly Codec<T> _codec = Codecs.Of<T>();

    public override bool IsTracked => Unsafe.SizeOf<T>() <= MaxElementBytes;

    public override void Write(WireWriter writer, object value)
    {
        var items = (T[])value;
        writer.WriteVarint((ulong)items.Length);
        foreach (var item in items)
            _codec.Write(writer, item);
    }

    public override object Read(WireReader reader, int position)
    {
        int count = reader.ReadCount();
        if (!IsTracked)
            return ReadProgressively(reader, count);
        var items = new T[count];
        reader.Record(position, items);
        for (int i = 0; i < count; i++)
            items[i] = _codec.Read(reader);
        return items;
    }

    private T[] ReadProgressively(WireReader reader, int count)
    {
        var items = new List<T>();
        for (int i = 0; i < count; i++)
            items.Add(_codec.Read(reader));
        return [.. items];
    }
}

internal sealed class ListContent<T> : Content
{
    private readonly Codec<T> _codec = Codecs.Of<T>();

    public override bool IsTracked => true;

    public override void Write(WireWriter writer, object value)
    {
        var items = (List<T>)value;
        writer.WriteVarint((ulong)items.Count);
        foreach (var item in items)
            _codec.Write(writer, item);
    }

    public override object Read(WireReader reader, int position)
    {
        int count = reader.ReadCount();
        var items = new List<T>();
        reader.Record(position, items);
        for (int i = 0; i < count; i++)
            items.Add(_codec.Read(reader));
        return items;
    }
}

internal sealed class SetContent<T> : Content
{
    private readonly Codec<T> _codec = Codecs.Of<T>();

    public override bool IsTracked => true;

    public override void Write(WireWriter writer, object value)
    {
        var items = (HashSet<T>)value;
        Comparers.Write(writer, items.Comparer);
        writer.WriteVarint((ulong)items.Count);
        foreach (var item in items)
            _codec.Write(writer, item);
    }

    public override object Read(WireReader reader, int position)
    {
        var items = new HashSet<T>(Comparers.Read<T>(reader));
        int count = reader.ReadCount();
        reader.Record(position, items);
        for (int i = 0; i < count; i++)
            items.Add(_codec.Read(reader));
        return items;
    }
}

internal sealed class DictionaryContent<TKey, TValue> : Content
    where TKey : notnull
{
    private readonly Codec<TKey> _keyCodec = Codecs.Of<TKey>();
    private readonly Codec<TValue> _valueCodec = Codecs.Of<TValue>();

    public override bool IsTracked => true;

    public override void Write(WireWriter writer, object value)
    {
        var items = (Dictionary<TKey, TValue>)value;
        Comparers.Write(writer, items.Comparer);
        writer.WriteVarint((ulong)items.Count);
        foreach (var (key, item) in items)
        {
            _keyCodec.Write(writer, key);
            _valueCodec.Write(writer, item);
        }
    }

    public override object Read(WireReader reader, int position)
    {
        var items = new Dictionary<TKey, TValue>(Comparers.Read<TKey>(reader));
        int count = reader.ReadCount();
        reader.Record(position, items);
        for (int i = 0; i < count; i++)
        {
            var key = _keyCodec.Read(reader) ?? throw new SerializerException("A dictionary has a null key.");
            items[key] = _valueCodec.Read(reader);
        }

        return items;
    }
}

/// <summary>The comparers that cross with their collection. Another one is refused: on the other side keys would be other keys.</summary>
internal static class Comparers
{
    private const byte Default = 0;
    private const byte Ordinal = 1;
    private const byte OrdinalIgnoreCase = 2;

    public static void Write<T>(WireWriter writer, IEqualityComparer<T> comparer) => writer.WriteByte(
        ReferenceEquals(comparer, EqualityComparer<T>.Default) ? Default
        : comparer.Equals(StringComparer.Ordinal) ? Ordinal
        : comparer.Equals(StringComparer.OrdinalIgnoreCase) ? OrdinalIgnoreCase
        : throw new CodecNotFoundException($"Could not find a codec for comparer {comparer.GetType()}."));

    public static IEqualityComparer<T>? Read<T>(WireReader reader) => reader.ReadByte() switch
    {
        Default => null,
        Ordinal => StringComparer.Ordinal as IEqualityComparer<T>,
        OrdinalIgnoreCase => StringComparer.OrdinalIgnoreCase as IEqualityComparer<T>,
        var other => throw new SerializerException($"No comparer has number {other}."),
    };
}

using System.Buffers.Text;
using OrleansKv.Engine.Memory;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Types;

/// <summary>
/// A sequence of strings and integers in one native block, byte for byte as Redis keeps and dumps it: what a small hash, list, set or
/// sorted set is, and one chunk of a big list.
/// </summary>
/// <remarks>
/// Layout: bytes in all (4), entries (2; 65535 where there are that many or more), the entries, 0xFF. A text that is a 64-bit integer
/// is kept as one and reads back the same. Format: the listpack specification (https://github.com/antirez/listpack).
/// <para>Positions are byte offsets of entries; 0 is none. A change keeps the positions before it and moves those behind it. Values that
/// are handed in may not lie in the same listpack, since it may move.</para>
/// <para>A struct that owns its block: keep it in one field, change it there, and <see cref="Free"/> it once. Under the slot lock.</para>
/// </remarks>
public unsafe partial struct ListPack
{
    /// <summary>Room that <see cref="Get"/> wants for an integer's text.</summary>
    public const int ScratchBytes = NumberText.MaxIntegerBytes + 1;

    /// <summary>No listpack grows beyond this many bytes; whoever adds big values asks <see cref="CanAdd"/> before.</summary>
    public const int MaxBytes = int.MaxValue - 4096;

    // Redis adds nothing to a listpack beyond this size.
    private const int MaxSharedBytes = 1 << 30;

    private const int HeaderBytes = 6;
    private const int UnknownCount = ushort.MaxValue;
    private const byte End = 0xFF;

    // Block sizes up to this grow a class at a time, which keeps small values tight; bigger ones by a quarter.
    private const int TightBytes = 256;

    private byte* _block;
    private byte _sizeClass;

    /// <summary>True for one that was never created, or was freed.</summary>
    public readonly bool IsNull => _block == null;

    /// <summary>Bytes of the blob.</summary>
    public readonly int Bytes => *(int*)_block;

    /// <summary>Native bytes that are held for it.</summary>
    public readonly long CapacityBytes => SlabHeap.Capacity(_block, _sizeClass);

    /// <summary>The whole blob, as RDB and DUMP write it. Valid until the next change.</summary>
    public readonly ReadOnlySpan<byte> Blob => new(_block, Bytes);

    /// <summary>Entries. Of 65535 and more they have to be counted.</summary>
    public readonly int Count => HeaderCount == UnknownCount ? CountSlow() : HeaderCount;

    /// <summary>The first entry.</summary>
    public readonly int First => _block[HeaderBytes] == End ? 0 : HeaderBytes;

    /// <summary>The last entry.</summary>
    public readonly int Last => Previous(Bytes - 1);

    private readonly int HeaderCount => *(ushort*)(_block + 4);

    /// <summary>An empty listpack with room for a blob of <paramref name="capacityBytes"/>.</summary>
    public static ListPack Create(int capacityBytes = 32)
    {
        ListPack pack = default;
        pack._block = SlabHeap.Allocate(Math.Max(capacityBytes, HeaderBytes + 1), out pack._sizeClass);
        pack.Reset();
        return pack;
    }

    /// <summary>A copy of a blob that is known to be valid.</summary>
    public static ListPack CopyOf(ReadOnlySpan<byte> blob)
    {
        ListPack pack = default;
        pack._block = SlabHeap.Allocate(blob.Length, out pack._sizeClass);
        blob.CopyTo(new Span<byte>(pack._block, blob.Length));
        return pack;
    }

    /// <summary>A copy in a block of its own.</summary>
    public readonly ListPack Clone() => CopyOf(Blob);

    /// <summary>Gives the block back.</summary>
    public void Free()
    {
        if (_block != null) SlabHeap.Free(_block, _sizeClass);
        _block = null;
    }

    /// <summary>Whether entries of so many bytes may still be added.</summary>
    public readonly bool CanAdd(long bytes) => Bytes + bytes <= MaxSharedBytes;

    /// <summary>Bytes that a value takes as an entry.</summary>
    public static int EntryBytes(scoped ReadOnlySpan<byte> value)
    {
        var head = stackalloc byte[ListPackEntry.MaxHeadBytes];
        var encoded = ListPackEntry.WriteHead(value, head, out var isInteger);
        if (!isInteger) encoded += value.Length;
        return encoded + ListPackEntry.BackLengthBytes(encoded);
    }

    /// <summary>The entry after <paramref name="pos"/>.</summary>
    public readonly int Next(int pos)
    {
        pos += SizeAt(pos);
        return _block[pos] == End ? 0 : pos;
    }

    /// <summary>The entry before <paramref name="pos"/>, which may also be the end mark's offset.</summary>
    public readonly int Previous(int pos)
    {
        if (pos <= HeaderBytes) return 0;
        var encoded = ListPackEntry.ReadBackLength(_block + pos - 1);
        return pos - encoded - ListPackEntry.BackLengthBytes(encoded);
    }

    /// <summary>The entry with this index; a negative one counts from the end (-1 is the last).</summary>
    public readonly int Seek(long index)
    {
        var count = HeaderCount;
        if (count != UnknownCount)
        {
            if (index < -count || index >= count) return 0;
            if (index < 0) index += count;
            if (index > count / 2) index -= count;
        }

        var pos = index >= 0 ? First : Last;
        if (index >= 0)
            for (; index > 0 && pos != 0; index--) pos = Next(pos);
        else
            for (index++; index < 0 && pos != 0; index++) pos = Previous(pos);
        return pos;
    }

    /// <summary>The bytes of an entry: in the block, or for an integer formatted into <paramref name="scratch"/>.</summary>
    public readonly ReadOnlySpan<byte> Get(int pos, Span<byte> scratch)
    {
        if (ListPackEntry.TryGetString(_block + pos, out var body, out var length, out var integer))
            return new ReadOnlySpan<byte>(body, length);
        Utf8Formatter.TryFormat(integer, scratch, out length);
        return scratch[..length];
    }

    /// <summary>The entry as an integer; false where it is a string that is not one.</summary>
    public readonly bool TryGetInteger(int pos, out long value) =>
        !ListPackEntry.TryGetString(_block + pos, out _, out _, out value);

    /// <summary>The length of an entry's text.</summary>
    public readonly int LengthAt(int pos)
    {
        if (ListPackEntry.TryGetString(_block + pos, out _, out var length, out var integer)) return length;
        Span<byte> digits = stackalloc byte[ScratchBytes];
        Utf8Formatter.TryFormat(integer, digits, out length);
        return length;
    }

    /// <summary>Whether an entry has this text.</summary>
    public readonly bool EqualsAt(int pos, scoped ReadOnlySpan<byte> value)
    {
        if (ListPackEntry.TryGetString(_block + pos, out var body, out var length, out var integer))
            return value.SequenceEqual(new ReadOnlySpan<byte>(body, length));
        return NumberText.TryParseInteger(value, out var other) && other == integer;
    }

    /// <summary>Whether an entry has the needle's text.</summary>
    public readonly bool EqualsAt(int pos, in ListPackNeedle needle)
    {
        if (!ListPackEntry.TryGetString(_block + pos, out var body, out var length, out var integer))
            return needle.IsInteger && integer == needle.Integer;
        return !needle.IsInteger && needle.Text.SequenceEqual(new ReadOnlySpan<byte>(body, length));
    }

    /// <summary>
    /// The first entry with this text among <paramref name="from"/> and every (<paramref name="skip"/> + 1)th after it: 0 looks at each,
    /// 1 at the fields of field-value pairs.
    /// </summary>
    public readonly int Find(scoped ReadOnlySpan<byte> value, int from, int skip)
    {
        if (from == 0) return 0;
        var needle = new ListPackNeedle(value);
        var toSkip = 0;
        for (var pos = from; _block[pos] != End; pos += SizeAt(pos))
        {
            if (toSkip-- > 0) continue;
            if (EqualsAt(pos, needle)) return pos;
            toSkip = skip;
        }

        return 0;
    }

    private static int Size(byte* entry)
    {
        var encoded = ListPackEntry.EncodedBytes(entry);
        return encoded + ListPackEntry.BackLengthBytes(encoded);
    }

    private readonly int SizeAt(int pos) => Size(_block + pos);

    private readonly int CountSlow()
    {
        var count = 0;
        for (var at = _block + HeaderBytes; *at != End; at += Size(at)) count++;
        if (count < UnknownCount) *(ushort*)(_block + 4) = (ushort)count;
        return count;
    }

    private readonly void Reset()
    {
        *(int*)_block = HeaderBytes + 1;
        *(ushort*)(_block + 4) = 0;
        _block[HeaderBytes] = End;
    }
}

/// <summary>A text to be compared with many entries: read as an integer once.</summary>
public readonly ref struct ListPackNeedle
{
    /// <param name="text">The bytes, which the needle does not copy.</param>
    public ListPackNeedle(ReadOnlySpan<byte> text)
    {
        Text = text;
        IsInteger = NumberText.TryParseInteger(text, out var integer);
        Integer = integer;
    }

    internal ReadOnlySpan<byte> Text { get; }

    internal bool IsInteger { get; }

    internal long Integer { get; }
}

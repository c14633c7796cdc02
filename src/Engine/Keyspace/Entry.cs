using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Keyspace;

/// <summary>Types of values, numbered as in RDB and in OBJECT's replies.</summary>
public enum KeyType : byte
{
    String = 0,
    List = 1,
    Set = 2,
    SortedSet = 3,
    Hash = 4,
    Stream = 5,
}

/// <summary>How a string is encoded, as OBJECT ENCODING names it. The bytes are the text in every case.</summary>
public enum StringEncoding : byte
{
    /// <summary>Changed in place since it was set, or longer than 44 bytes.</summary>
    Raw = 0,

    /// <summary>Set as a whole, at most 44 bytes.</summary>
    EmbStr = 1,

    /// <summary>The shortest decimal form of a 64-bit integer.</summary>
    Int = 2,
}

/// <summary>A view of one key and what it holds: the native block that both live in.</summary>
/// <remarks>
/// Layout: link (8), access clock (3), type and flags (1), key length (4), value length (4), size class (1), key, value, free room;
/// a key with a time to live has the time (8) and its place in the volatile list (4) in the last 12 bytes of the block.
/// For a collection the value length is the index of the managed object in the slot's object table.
/// <para>Valid under the slot lock until the key is next written through its <see cref="SlotKeyspace"/>, which may move the block.</para>
/// </remarks>
public readonly unsafe struct Entry
{
    internal const int HeaderBytes = 21;
    internal const int ExpireBytes = 12;

    private const int AccessOffset = 8;
    private const int FlagsOffset = 11;
    private const int KeyLengthOffset = 12;
    private const int ValueLengthOffset = 16;
    private const int ClassOffset = 20;

    private const byte TypeMask = 0x07;
    private const byte ExpireFlag = 0x08;
    private const int EncodingShift = 4;

    private readonly byte* _block;

    internal Entry(byte* block) => _block = block;

    /// <summary>True where there is no such key.</summary>
    public bool IsNull => _block == null;

    public KeyType Type => (KeyType)(_block[FlagsOffset] & TypeMask);

    /// <summary>Encoding of a string.</summary>
    public StringEncoding Encoding => (StringEncoding)(_block[FlagsOffset] >> EncodingShift);

    public ReadOnlySpan<byte> Key => new(_block + HeaderBytes, KeyLength);

    /// <summary>The bytes of a string, which may be changed in place under the slot lock.</summary>
    public Span<byte> Value => new(_block + HeaderBytes + KeyLength, ValueLength);

    public bool HasExpire => (_block[FlagsOffset] & ExpireFlag) != 0;

    /// <summary>When the key expires, in milliseconds since the Unix epoch; -1 where it does not.</summary>
    public long ExpireAtMs => HasExpire ? Unsafe.ReadUnaligned<long>(ExpireAddress) : -1;

    /// <summary>The access clock: 24 bits of LRU seconds, or LFU's 16 bits of minutes above 8 bits of counter.</summary>
    public uint Access
    {
        get => Unsafe.ReadUnaligned<uint>(_block + AccessOffset) & 0xFFFFFF;
        internal set
        {
            var word = Unsafe.ReadUnaligned<uint>(_block + AccessOffset);
            Unsafe.WriteUnaligned(_block + AccessOffset, (word & 0xFF000000) | (value & 0xFFFFFF));
        }
    }

    /// <summary>Native bytes of the block.</summary>
    public long BlockBytes => SlabHeap.Capacity(_block, SizeClass);

    /// <summary>Where the block is, for display.</summary>
    public nint Address => (nint)_block;

    internal byte* Block => _block;

    internal int KeyLength => *(int*)(_block + KeyLengthOffset);

    internal int ValueLength
    {
        get => *(int*)(_block + ValueLengthOffset);
        set => *(int*)(_block + ValueLengthOffset) = value;
    }

    internal int ObjectIndex => ValueLength;

    internal byte SizeClass => _block[ClassOffset];

    internal int VolatileIndex
    {
        get => Unsafe.ReadUnaligned<int>(ExpireAddress + 8);
        set => Unsafe.WriteUnaligned(ExpireAddress + 8, value);
    }

    // Bytes that key and value can take in this block.
    internal long Room => BlockBytes - HeaderBytes - (HasExpire ? ExpireBytes : 0);

    private byte* ExpireAddress => _block + BlockBytes - ExpireBytes;

    /// <summary>A new block for <paramref name="key"/> with room for a value of <paramref name="valueRoom"/> bytes.</summary>
    internal static Entry Create(ReadOnlySpan<byte> key, long valueRoom, bool withExpire)
    {
        var block = SlabHeap.Allocate(HeaderBytes + key.Length + valueRoom + (withExpire ? ExpireBytes : 0), out var sizeClass);
        *(ulong*)(block + AccessOffset) = (ulong)(uint)key.Length << 32;
        *(int*)(block + ValueLengthOffset) = 0;
        block[ClassOffset] = sizeClass;
        if (withExpire) block[FlagsOffset] = ExpireFlag;
        key.CopyTo(new Span<byte>(block + HeaderBytes, key.Length));
        return new Entry(block);
    }

    internal void SetType(KeyType type, StringEncoding encoding = StringEncoding.Raw) =>
        _block[FlagsOffset] = (byte)((_block[FlagsOffset] & ExpireFlag) | (byte)type | ((byte)encoding << EncodingShift));

    internal void SetExpireFlag(bool value)
    {
        if (value) _block[FlagsOffset] |= ExpireFlag;
        else _block[FlagsOffset] &= unchecked((byte)~ExpireFlag);
    }

    internal void SetExpireAt(long atMs) => Unsafe.WriteUnaligned(ExpireAddress, atMs);

    internal void Release() => SlabHeap.Free(_block, SizeClass);
}

/// <summary>The keyspace's nodes are entries.</summary>
public readonly unsafe struct EntryLayout : INodeLayout
{
    public static ReadOnlySpan<byte> KeyOf(byte* node) => new Entry(node).Key;
}

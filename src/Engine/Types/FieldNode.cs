using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Types;

/// <summary>
/// A view of one native node of a <see cref="FieldTable"/>: a field of a big hash with its value, a member of a big set (no value), a
/// member of a big sorted set with its score (a value of eight bytes).
/// </summary>
/// <remarks>
/// Layout: link (8), key length (4), value length (4), size class (1), key, value, free room. Valid under the slot lock until the key is
/// next written, which may move the block.
/// </remarks>
public readonly unsafe struct FieldNode : IEquatable<FieldNode>
{
    private const int KeyLengthOffset = 8;
    private const int ValueLengthOffset = 12;
    private const int ClassOffset = 16;
    private const int HeaderBytes = 17;

    private readonly byte* _block;

    internal FieldNode(byte* block) => _block = block;

    /// <summary>True where there is no such key.</summary>
    public bool IsNull => _block == null;

    public ReadOnlySpan<byte> Key => new(_block + HeaderBytes, *(int*)(_block + KeyLengthOffset));

    /// <summary>The value, which may be changed in place under the slot lock.</summary>
    public Span<byte> Value => new(ValueAddress, *(int*)(_block + ValueLengthOffset));

    /// <summary>Native bytes of the block.</summary>
    public long BlockBytes => SlabHeap.Capacity(_block, SizeClass);

    internal byte* Block => _block;

    /// <summary>Where the value starts, unaligned.</summary>
    internal byte* ValueAddress => _block + HeaderBytes + *(int*)(_block + KeyLengthOffset);

    private byte SizeClass => _block[ClassOffset];

    /// <summary>A new node with room for a value of <paramref name="valueBytes"/> bytes, whose content is undefined.</summary>
    internal static FieldNode Create(ReadOnlySpan<byte> key, int valueBytes)
    {
        var block = SlabHeap.Allocate((long)HeaderBytes + key.Length + valueBytes, out var sizeClass);
        *(int*)(block + KeyLengthOffset) = key.Length;
        *(int*)(block + ValueLengthOffset) = valueBytes;
        block[ClassOffset] = sizeClass;
        key.CopyTo(new Span<byte>(block + HeaderBytes, key.Length));
        return new FieldNode(block);
    }

    /// <summary>Overwrites the value where it fits in the block and the block would not be more than twice too large; else false.</summary>
    internal bool TryOverwrite(ReadOnlySpan<byte> value)
    {
        var needed = (long)HeaderBytes + *(int*)(_block + KeyLengthOffset) + value.Length;
        var capacity = BlockBytes;
        if (needed > capacity || capacity > (2 * needed) + 64) return false;
        *(int*)(_block + ValueLengthOffset) = value.Length;
        value.CopyTo(Value);
        return true;
    }

    internal void Release() => SlabHeap.Free(_block, SizeClass);

    public bool Equals(FieldNode other) => _block == other._block;

    public override bool Equals(object? obj) => obj is FieldNode other && Equals(other);

    public override int GetHashCode() => ((nint)_block).GetHashCode();

    public static bool operator ==(FieldNode left, FieldNode right) => left.Equals(right);

    public static bool operator !=(FieldNode left, FieldNode right) => !left.Equals(right);
}

/// <summary>The nodes of a <see cref="FieldTable"/>.</summary>
public readonly unsafe struct FieldLayout : INodeLayout
{
    public static ReadOnlySpan<byte> KeyOf(byte* node) => new FieldNode(node).Key;
}

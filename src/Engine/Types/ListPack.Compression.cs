using System.Buffers;
using System.Runtime.InteropServices;
using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Types;

/// <summary>
/// A listpack that is compressed in place. Until it is decompressed, only <see cref="Bytes"/> (of the blob that it will be again),
/// <see cref="CapacityBytes"/> and <see cref="Free"/> are of use; that it is compressed, its owner remembers.
/// </summary>
public unsafe partial struct ListPack
{
    private const int MinBytesToCompress = 48;
    private const int MinBytesSaved = 8;

    // The blob's length stays in front of what is compressed.
    private const int LengthBytes = 4;

    /// <summary>Compresses the blob; gives the compressed length, or 0 where that saves too little and nothing was done.</summary>
    internal int TryCompress()
    {
        var bytes = Bytes;
        if (bytes < MinBytesToCompress) return 0;
        var rented = ArrayPool<byte>.Shared.Rent(bytes);
        var compressed = Lzf.Compress(Blob[LengthBytes..], rented.AsSpan(0, bytes - LengthBytes - MinBytesSaved));
        if (compressed > 0)
        {
            var block = SlabHeap.Allocate(LengthBytes + compressed, out var sizeClass);
            *(int*)block = bytes;
            Marshal.Copy(rented, 0, (nint)(block + LengthBytes), compressed);
            Take(block, sizeClass);
        }

        ArrayPool<byte>.Shared.Return(rented);
        return compressed;
    }

    /// <summary>Makes a compressed blob one again.</summary>
    internal void Decompress(int compressedBytes)
    {
        var bytes = Bytes;
        var block = SlabHeap.Allocate(bytes, out var sizeClass);
        *(int*)block = bytes;
        var isWhole = Lzf.TryDecompress(
            new ReadOnlySpan<byte>(_block + LengthBytes, compressedBytes), new Span<byte>(block + LengthBytes, bytes - LengthBytes));
        if (!isWhole) throw new InvalidOperationException("A compressed chunk of a list is damaged.");
        Take(block, sizeClass);
    }

    /// <summary>A copy of a compressed one.</summary>
    internal readonly ListPack CloneCompressed(int compressedBytes) => CopyOf(new ReadOnlySpan<byte>(_block, LengthBytes + compressedBytes));

    private void Take(byte* block, byte sizeClass)
    {
        SlabHeap.Free(_block, _sizeClass);
        _block = block;
        _sizeClass = sizeClass;
    }
}

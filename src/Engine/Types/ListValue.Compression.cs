namespace OrleansKv.Engine.Types;

/// <summary>
/// list-compress-depth. A chunk is compressed when it comes to lie deeper than that from both ends, and again when work on it is done. One
/// that was left open costs memory and nothing else.
/// </summary>
public sealed unsafe partial class ListValue
{
    // A chunk whose elements are looked at or changed.
    private ref Chunk Open(int index)
    {
        ref var chunk = ref At(index);
        if (chunk.CompressedBytes > 0) Decompress(ref chunk);
        return ref chunk;
    }

    private void Close(int index)
    {
        if (_depth > 0 && index >= _depth && index < _length - _depth) Compress(ref At(index));
    }

    // After a change of which chunks there are, and of those from first to last.
    private void Settle(int first, int last)
    {
        if (_depth == 0) return;
        for (var i = Math.Max(first, 0); i <= Math.Min(last, _length - 1); i++) Close(i);
        SettleEnds();
    }

    // After a chunk came or went at an end: as many as the depth says are open there, those behind them are closed.
    private void SettleEnds()
    {
        if (_depth == 0) return;
        for (var i = 0; i < Math.Min(_depth, _length); i++)
        {
            Decompress(ref At(i));
            Decompress(ref At(_length - 1 - i));
        }

        Close(_depth);
        Close(_length - 1 - _depth);
    }

    // A chunk that is being made has no pack yet.
    private static void Compress(ref Chunk chunk)
    {
        if (chunk.CompressedBytes == 0 && !chunk.Pack.IsNull) chunk.CompressedBytes = chunk.Pack.TryCompress();
    }

    private static void Decompress(ref Chunk chunk)
    {
        if (chunk.CompressedBytes == 0) return;
        chunk.Pack.Decompress(chunk.CompressedBytes);
        chunk.CompressedBytes = 0;
    }
}

namespace OrleansKv.RespGateway.Transport;

/// <summary>Counters of a loop's reads and writes. Written on its thread, read by any.</summary>
public sealed class LoopTraffic
{
    public long ReadBytes { get; private set; }

    public long WrittenBytes { get; private set; }

    public long Reads { get; private set; }

    public long Writes { get; private set; }

    internal void CountRead(long bytes)
    {
        ReadBytes += bytes;
        Reads++;
    }

    internal void CountWrite(long bytes)
    {
        WrittenBytes += bytes;
        Writes++;
    }

    /// <summary>On the loop's thread.</summary>
    internal void Reset() => ReadBytes = WrittenBytes = Reads = Writes = 0;
}

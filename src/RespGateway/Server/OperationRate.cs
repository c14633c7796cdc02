namespace OrleansKv.RespGateway.Server;

/// <summary>A rate per second over the last 16 samples, as INFO's instantaneous_* fields give it. One thread samples, any reads.</summary>
internal sealed class OperationRate
{
    private const int SampleCount = 16;

    private readonly long[] _samples = new long[SampleCount];
    private long _lastTotal;
    private long _lastMs;
    private int _at;

    /// <summary>The mean of the samples.</summary>
    public long PerSecond
    {
        get
        {
            long sum = 0;
            foreach (var sample in _samples) sum += sample;
            return sum / SampleCount;
        }
    }

    /// <summary>Adds a sample: the total as of a monotonic time.</summary>
    public void Sample(long total, long nowMs)
    {
        if (_lastMs != 0 && nowMs > _lastMs)
        {
            _samples[_at] = (total - _lastTotal) * 1000 / (nowMs - _lastMs);
            _at = (_at + 1) % SampleCount;
        }

        _lastTotal = total;
        _lastMs = nowMs;
    }
}

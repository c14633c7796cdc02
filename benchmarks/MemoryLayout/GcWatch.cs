namespace OrleansKv.MemoryLayout;

/// <summary>Pauses and collections since it was made. The longest pause is found by polling, as the runtime keeps only the last ones.</summary>
internal sealed class GcWatch
{
    private readonly TimeSpan _pausedBefore = GC.GetTotalPauseDuration();
    private readonly int[] _countsBefore = [.. Enumerable.Range(0, 3).Select(GC.CollectionCount)];
    private TimeSpan _longest;
    private long _lastIndex = GC.GetGCMemoryInfo(GCKind.Any).Index;
    private long _lastBackgroundIndex = GC.GetGCMemoryInfo(GCKind.Background).Index;

    public void Poll()
    {
        See(GC.GetGCMemoryInfo(GCKind.Any), ref _lastIndex);
        See(GC.GetGCMemoryInfo(GCKind.Background), ref _lastBackgroundIndex);
    }

    public string Describe()
    {
        double totalMs = (GC.GetTotalPauseDuration() - _pausedBefore).TotalMilliseconds;
        string counts = string.Join('/', _countsBefore.Select((before, generation) => GC.CollectionCount(generation) - before));
        return $"{totalMs:F0} | {_longest.TotalMilliseconds:F1} | {counts}";
    }

    private void See(GCMemoryInfo info, ref long lastIndex)
    {
        if (info.Index == lastIndex)
        {
            return;
        }
        lastIndex = info.Index;
        foreach (TimeSpan pause in info.PauseDurations)
        {
            _longest = pause > _longest ? pause : _longest;
        }
    }
}

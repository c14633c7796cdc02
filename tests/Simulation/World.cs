namespace OrleansKv.Simulation;

/// <summary>Simulated time and what happens in it, in one thread and from one seed: the same seed gives the same run, to the last event.</summary>
internal sealed class World(int seed)
{
    private readonly PriorityQueue<Action, (long AtUs, long Order)> _events = new();
    private long _order;

    public int Seed { get; } = seed;

    public Random Random { get; } = new(seed);

    /// <summary>Microseconds since the beginning.</summary>
    public long NowUs { get; private set; }

    /// <summary>Called after every event.</summary>
    public Action? AfterEvent { get; set; }

    /// <summary>Takes lines of the transcript; null where nobody reads one.</summary>
    public Action<string>? Transcript { get; set; }

    public void After(long delayUs, Action action) => _events.Enqueue(action, (NowUs + delayUs, _order++));

    public void Every(long periodUs, Action action) => After(periodUs, () =>
    {
        action();
        Every(periodUs, action);
    });

    public void RunUntil(long endUs)
    {
        while (_events.TryPeek(out _, out var next) && next.AtUs <= endUs)
        {
            NowUs = next.AtUs;
            _events.Dequeue()();
            AfterEvent?.Invoke();
        }

        NowUs = endUs;
    }

    /// <summary>A random number of microseconds, both inclusive, given in milliseconds.</summary>
    public long Between(double fromMs, double toMs) => (long)((fromMs + (toMs - fromMs) * Random.NextDouble()) * 1000);

    public bool Chance(double probability) => Random.NextDouble() < probability;

    public void Note(string line) => Transcript?.Invoke(FormattableString.Invariant($"{NowUs / 1000,6} {line}"));
}

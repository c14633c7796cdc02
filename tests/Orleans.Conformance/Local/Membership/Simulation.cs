namespace OrleansKv.Orleans.Conformance;

/// <summary>
/// Several processes in one thread and in simulated time: all that happens is an event with an instant and a process, and everything random comes
/// from one seed. A process is a synchronization context, so what it awaits goes on in its own events.
/// </summary>
public sealed class Simulation(int seed)
{
    public static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<(SimulatedProcess Process, Action Action), (TimeSpan At, long Order)> _events = new();
    private long _lastOrder;

    public int Seed => seed;

    public Random Random { get; } = new(seed);

    /// <summary>Since the start.</summary>
    public TimeSpan Now { get; private set; }

    public TimeSpan Between(double fromMs, double toMs) => TimeSpan.FromMilliseconds(fromMs + (Random.NextDouble() * (toMs - fromMs)));

    public void Schedule(SimulatedProcess process, TimeSpan delay, Action action) =>
        _events.Enqueue((process, action), (Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero), ++_lastOrder));

    /// <summary>Lets things happen until the condition holds; false if it does not within the limit of simulated time.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        TimeSpan end = Now + limit;
        while (!condition())
        {
            if (!_events.TryPeek(out _, out var place) || place.At > end)
            {
                Now = end;
                return condition();
            }

            var (process, action) = _events.Dequeue();
            Now = place.At;
            process.Run(action);
        }

        return true;
    }

    public void RunFor(TimeSpan duration) => RunUntil(() => false, duration);
}

/// <summary>A process that can be stopped and continued, killed, or slowed down so that all it does comes late.</summary>
public sealed class SimulatedProcess : SynchronizationContext
{
    private readonly Simulation _simulation;
    private readonly List<Action> _held = [];

    public SimulatedProcess(Simulation simulation)
    {
        _simulation = simulation;
        Time = new ProcessTime(this);
    }

    public TimeProvider Time { get; }

    public bool IsKilled { get; private set; }

    public bool IsHung { get; private set; }

    /// <summary>Each event of the process comes late by a random time up to this.</summary>
    public TimeSpan MaxLag { get; set; }

    public void Kill() => IsKilled = true;

    public void Hang() => IsHung = true;

    public void Continue()
    {
        IsHung = false;
        foreach (Action action in _held)
            After(TimeSpan.Zero, action);
        _held.Clear();
    }

    /// <summary>What a killed process left waiting is collected, and its finalizers come here from a thread of their own.</summary>
    public void After(TimeSpan delay, Action action)
    {
        if (!IsKilled)
            _simulation.Schedule(this, delay + (MaxLag * _simulation.Random.NextDouble()), action);
    }

    /// <summary>Starts something in the process; its task ends in simulated time.</summary>
    public Task Start(Func<Task> workAsync)
    {
        Task? task = null;
        Run(() => task = workAsync());
        return task ?? Task.CompletedTask;
    }

    public override void Post(SendOrPostCallback d, object? state) => After(TimeSpan.Zero, () => d(state));

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

    public override SynchronizationContext CreateCopy() => this;

    internal void Run(Action action)
    {
        if (IsKilled)
            return;
        if (IsHung)
        {
            _held.Add(action);
            return;
        }

        SynchronizationContext? before = Current;
        SetSynchronizationContext(this);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    private sealed class ProcessTime(SimulatedProcess process) : TimeProvider
    {
        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => process._simulation.Now.Ticks;

        public override DateTimeOffset GetUtcNow() => Simulation.Start + process._simulation.Now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new ProcessTimer(process, () => callback(state));
            timer.Change(dueTime, period);
            return timer;
        }
    }

    private sealed class ProcessTimer(SimulatedProcess process, Action callback) : ITimer
    {
        private int _version;
        private TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            int version = ++_version;
            if (dueTime != Timeout.InfiniteTimeSpan)
                process.After(dueTime, () => Tick(version));
            return true;
        }

        public void Dispose() => _version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Tick(int version)
        {
            if (version != _version)
                return;
            if (_period > TimeSpan.Zero)
                process.After(_period, () => Tick(version));
            callback();
        }
    }
}

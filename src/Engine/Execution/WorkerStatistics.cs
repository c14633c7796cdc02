namespace OrleansKv.Engine.Execution;

/// <summary>Counters of one worker, written by its thread alone and read, a moment late, by whoever adds them up.</summary>
public sealed class WorkerStatistics(int commandCount)
{
    /// <summary>Counters of one command.</summary>
    public struct PerCommand
    {
        public long Calls;
        public long Ticks;
        public long Rejected;
        public long Failed;
    }

    private readonly PerCommand[] _commands = new PerCommand[commandCount];

    public long Hits;
    public long Misses;
    public long ExpiredKeys;
    public long EvictedKeys;

    /// <summary>Changes of keys since the start.</summary>
    public long Changes;

    /// <summary>Commands executed.</summary>
    public long Commands;

    /// <summary>Errors replied, by code. Under its own lock, since another thread reads it.</summary>
    public Dictionary<string, long> Errors { get; } = [];

    public ref PerCommand Of(int commandIndex) => ref _commands[commandIndex];

    public void CountError(string code)
    {
        lock (Errors) Errors[code] = Errors.GetValueOrDefault(code) + 1;
    }

    /// <summary>CONFIG RESETSTAT.</summary>
    public void Reset()
    {
        Array.Clear(_commands);
        Hits = Misses = ExpiredKeys = EvictedKeys = Commands = 0;
        lock (Errors) Errors.Clear();
    }
}

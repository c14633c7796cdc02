using OrleansKv.Drill.Client;

namespace OrleansKv.Drill.Load;

/// <summary>
/// Writes its own keys at full speed, one write at a time, in random order, and now and then reads one back. A write that was certainly not
/// executed is tried again later; after a write of unknown outcome the key is retired and another one takes its place.
/// </summary>
internal sealed class Writer(int number, int keysOfAKind, ClusterClient client, Random random, CancellationToken stop) : IWorker
{
    private const int ReadEvery = 16;
    private const int RefusedPauseMs = 2;

    private readonly List<TrackedKey> _keys = [];
    private readonly List<TrackedKey> _retired = [];
    private long _names;
    private Findings _findings;

    /// <summary>Acknowledged writes. Like everything here, to be read while the writer stands still.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Writes of unknown outcome.</summary>
    public long Unknown { get; private set; }

    /// <summary>Every key that was ever written, retired ones included.</summary>
    public IEnumerable<TrackedKey> Keys => _retired.Concat(_keys);

    public void Step()
    {
        if (_keys.Count == 0)
            AddFirstKeys();
        int at = random.Next(_keys.Count);
        TrackedKey key = _keys[at];
        Write(key);
        if (!key.IsRetired && random.Next(ReadEvery) == 0)
            ReadBack(key);
        if (key.IsRetired)
            Replace(at);
    }

    public void Dispose() => client.Dispose();

    /// <summary>What its replies showed since the last time.</summary>
    public Findings TakeFindings()
    {
        Findings taken = _findings;
        _findings = default;
        return taken;
    }

    /// <summary>Puts other keys in the place of those that verification found wrong.</summary>
    public void ReplaceJudged()
    {
        for (int i = 0; i < _keys.Count; i++)
        {
            if (_keys[i].IsRetired)
                Replace(i);
        }
    }

    private void AddFirstKeys()
    {
        for (int i = 0; i < keysOfAKind; i++)
        {
            _keys.Add(new ValueKey(NewName("value")));
            _keys.Add(new CounterKey(NewName("counter")));
            _keys.Add(new ListKey(NewName("list")));
        }
    }

    private void Write(TrackedKey key)
    {
        Outcome outcome = client.Call(key.Slot, key.WriteCommand);
        switch (outcome.Fate)
        {
            case Fate.Done:
                _findings += key.Acknowledge(outcome.Reply!);
                Acknowledged++;
                break;
            case Fate.Unknown:
                key.MarkUncertain();
                Unknown++;
                break;
            default:
                stop.WaitHandle.WaitOne(RefusedPauseMs);
                break;
        }
    }

    private void ReadBack(TrackedKey key)
    {
        Outcome outcome = client.Call(key.Slot, key.ReadCommand);
        if (outcome.Fate != Fate.Done)
            return;
        Findings findings = key.Verify(outcome.Reply!);
        // What is missing now was there when its write was acknowledged.
        _findings += findings with { WentBack = findings.Lost > 0 ? 1 : 0 };
    }

    private void Replace(int at)
    {
        TrackedKey old = _keys[at];
        _retired.Add(old);
        _keys[at] = old switch
        {
            ValueKey => new ValueKey(NewName("value")),
            CounterKey => new CounterKey(NewName("counter")),
            _ => new ListKey(NewName("list")),
        };
    }

    private string NewName(string kind) => $"drill:{kind}:{number}:{++_names}";
}

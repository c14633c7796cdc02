using System.Diagnostics;
using OrleansKv.Drill.Client;
using OrleansKv.Drill.Linearizability;

namespace OrleansKv.Drill.Load;

/// <summary>
/// One of several clients that read and write the same few registers, and records everything that they see of each other, for the
/// linearizability checker. It is slowed down: a sample is meant, and the checker has to read it.
/// </summary>
internal sealed class RegisterClient(int number, ClusterClient client, Random random, CancellationToken stop) : IWorker
{
    private const int PauseMs = 2;

    private readonly List<(string Key, RegisterOperation Operation)> _history = [];
    private IReadOnlyList<string> _keys = [];
    private long _values;

    /// <summary>Fresh keys, and the history of the ones before; while the client stands still.</summary>
    public IReadOnlyList<(string Key, RegisterOperation Operation)> Change(IReadOnlyList<string> keys)
    {
        (string, RegisterOperation)[] history = [.. _history];
        _history.Clear();
        _keys = keys;
        return history;
    }

    public void Step()
    {
        string key = _keys[random.Next(_keys.Count)];
        bool isWrite = random.Next(2) == 0;
        string? value = isWrite ? $"{number}:{++_values}" : null;
        long invoked = Stopwatch.GetTimestamp();
        Outcome outcome = isWrite ? client.Call(HashSlot.Of(key), "SET", key, value!) : client.Call(HashSlot.Of(key), "GET", key);
        long returned = Stopwatch.GetTimestamp();
        if (outcome.Fate == Fate.Done)
            _history.Add((key, isWrite ? RegisterOperation.Write(value!, invoked, returned) : RegisterOperation.Read(outcome.Reply!.Text, invoked, returned)));
        else if (outcome.Fate == Fate.Unknown && isWrite)
            _history.Add((key, RegisterOperation.Write(value!, invoked, RegisterOperation.Never)));
        stop.WaitHandle.WaitOne(PauseMs);
    }

    public void Dispose() => client.Dispose();
}

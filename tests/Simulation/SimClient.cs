namespace OrleansKv.Simulation;

/// <summary>What a client asks for: an increment, or the count, of slots that have one owner.</summary>
internal sealed record ClientOperation(int Id, bool IsWrite, int[] Slots)
{
    /// <summary>What was known when it began, for each slot.</summary>
    public (int Generation, long Count)[] Known { get; set; } = [];

    /// <summary>Of all slots that its silo has: they must be these.</summary>
    public bool IsOfEverySlot { get; init; }

    public override string ToString() => $"{(IsWrite ? "increment" : "read")} {Id} of slots {string.Join(',', Slots)}";
}

/// <summary>A reply. Not executed means certainly not.</summary>
internal readonly record struct ClientReply(bool IsExecuted, Counter[] Results);

/// <summary>A client that has one operation on the way at a time, and gives up on an answer after a while.</summary>
internal sealed class SimClient(Cluster cluster, string name)
{
    private int _waitsFor;

    /// <summary>Begins, and never ends.</summary>
    public void Run()
    {
        if (cluster.Silos.Count == 0)
        {
            cluster.World.After(10_000, Run);
            return;
        }

        var random = cluster.World.Random;
        var slot = random.Next(cluster.SlotCount);
        int[] slots = slot + 1 < cluster.SlotCount && cluster.World.Chance(0.2) ? [slot, slot + 1] : [slot];

        // Mostly the owner, sometimes whoever comes first: a stale owner must know by itself that it is none.
        var owner = cluster.World.Chance(0.8) ? cluster.Map.Map.RangeOf(slot).Owner : null;
        owner ??= cluster.Silos[random.Next(cluster.Silos.Count)].Name;
        int[] all = [.. cluster.Map.Map.RangesOf(owner).SelectMany(range => Enumerable.Range(range.First, range.Count))];
        if (all.Length > 0 && cluster.World.Chance(0.1)) Ask(owner, new ClientOperation(cluster.NextOperation(), true, all) { IsOfEverySlot = true });
        else Ask(owner, new ClientOperation(cluster.NextOperation(), cluster.World.Chance(0.6), slots));
    }

    private void Ask(string owner, ClientOperation operation)
    {
        _waitsFor = operation.Id;
        operation.Known = cluster.Checker.Begin(operation);
        cluster.Ask(name, owner, operation, _ => Next(operation, cluster.World.Between(0.1, 20)));
        cluster.World.After(600_000, () => Next(operation, 0));
    }

    private void Next(ClientOperation after, long delayUs)
    {
        if (_waitsFor != after.Id) return;
        _waitsFor = 0;
        cluster.World.After(delayUs, Run);
    }
}

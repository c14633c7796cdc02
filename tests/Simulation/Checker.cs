using OrleansKv.Contracts;

namespace OrleansKv.Simulation;

/// <summary>A failed check: a bug in the protocol, or in the simulation.</summary>
public sealed class SimulationFailedException(string message) : Exception(message);

internal static class Check
{
    public static void That(bool condition, string message)
    {
        if (!condition) throw new SimulationFailedException(message);
    }
}

/// <summary>
/// Sees all that happens, and knows what must not. For counters, being linearizable is this: no operation gives less than one that
/// ended before it began, an increment gives more, no two give the same, and equal counts have equal histories.
/// </summary>
internal sealed class Checker(Cluster cluster)
{
    /// <summary>What the map says changes seldom: looking once in so many events is enough, and takes less time.</summary>
    private const int InSyncEvery = 5;

    private readonly Dictionary<(int Slot, int Generation, long Count), ulong> _hashes = [];
    private readonly HashSet<(int Slot, int Generation, long Count)> _increments = [];
    private readonly Counter[] _acknowledged = new Counter[cluster.SlotCount];
    private readonly int[] _generations = new int[cluster.SlotCount];

    private int _events;

    /// <summary>Operations whose replies went out.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>Slots that lost every copy, by more faults than there were copies.</summary>
    public int Lost { get; private set; }

    /// <summary>What a client knows when it begins: nothing it is told may be older.</summary>
    public (int Generation, long Count)[] Begin(ClientOperation operation) =>
        [.. operation.Slots.Select(slot => (_generations[slot], _acknowledged[slot].Count))];

    /// <summary>A reply leaves its silo.</summary>
    public void OnAcknowledged(ClientOperation operation, Counter[] results)
    {
        Acknowledged++;
        for (var i = 0; i < results.Length; i++)
        {
            var slot = operation.Slots[i];
            var (generation, floor) = operation.Known[i];
            if (generation != _generations[slot]) continue;
            var result = results[i];
            Check.That(result.Count >= floor + (operation.IsWrite ? 1 : 0), $"{operation} gave {result.Count} after {floor} was known.");
            var key = (slot, generation, result.Count);
            Check.That(_hashes.TryAdd(key, result.Hash) || _hashes[key] == result.Hash, $"{operation} gave {result.Count} of another history.");
            Check.That(!operation.IsWrite || _increments.Add(key), $"{operation} gave {result.Count}, as another increment did.");
            if (result.Count > _acknowledged[slot].Count) _acknowledged[slot] = result;
        }
    }

    /// <summary>The map gives a slot that every copy was lost of to a new process, which begins it empty.</summary>
    public void OnLost(int slot)
    {
        Lost++;
        _generations[slot]++;
        _acknowledged[slot] = default;
    }

    /// <summary>What holds at every instant.</summary>
    public void AfterEvent()
    {
        for (var slot = 0; slot < cluster.SlotCount; slot++)
        {
            string? owner = null;
            foreach (var silo in cluster.Silos)
            {
                if (!silo.IsOwnerNow(slot)) continue;
                Check.That(owner == null, $"slot {slot} is served by {owner} and by {silo.Name}.");
                owner = silo.Name;
                Check.That(
                    silo[slot].Count >= _acknowledged[slot].Count,
                    $"{owner} serves slot {slot} from {silo[slot].Count}, though {_acknowledged[slot].Count} was acknowledged.");
            }
        }

        if (++_events % InSyncEvery == 0) CheckInSync();
    }

    /// <summary>Whoever the map calls in sync holds every acknowledged write.</summary>
    private void CheckInSync()
    {
        var map = cluster.Map.Map;
        foreach (var range in map.Ranges)
        {
            if (range.Owner == null) continue;
            var owner = map.Find(range.Owner)!;
            foreach (var silo in cluster.Silos)
            {
                if (silo.IsCrashed || silo.Replication.IsDead || !(owner.HoldsCopy(silo.Name, range.Epoch) || IsKeeper(silo, range))) continue;
                for (var slot = range.First; slot <= range.Last; slot++)
                {
                    Check.That(
                        silo.Replication.IsHeld(slot, owner.Silo, range.Epoch) || (IsKeeper(silo, range) && silo.Replication.Map.Version < range.Epoch),
                        $"{silo.Name} has no copy of slot {slot}, though the map says so.");
                    Check.That(
                        silo[slot].Count >= _acknowledged[slot].Count,
                        $"{silo.Name}, in sync, has {silo[slot].Count} of slot {slot}; {_acknowledged[slot].Count} was acknowledged.");
                }
            }
        }
    }

    private static bool IsKeeper(SimSilo silo, SlotRange range) => range.KeptBy == silo.Name && range.Owner != silo.Name;
}

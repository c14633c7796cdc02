using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Execution;

/// <summary>The commands that wait for keys of one slot, in the order in which they came. Under the slot lock.</summary>
internal sealed class KeyWaiters
{
    private readonly Dictionary<byte[], LinkedList<BlockedCommand>>?[] _byDatabase;

    public KeyWaiters(int databases) => _byDatabase = new Dictionary<byte[], LinkedList<BlockedCommand>>[databases];

    public bool IsEmpty => Array.TrueForAll(_byDatabase, keys => keys is not { Count: > 0 });

    /// <summary>Enters a command at the end of a key's queue and gives its place there.</summary>
    public LinkedListNode<BlockedCommand> Add(int database, byte[] key, BlockedCommand command)
    {
        var keys = _byDatabase[database] ??= new(ByteKeyComparer.Instance);
        if (!keys.TryGetValue(key, out var queue)) keys.Add(key, queue = new());
        return queue.AddLast(command);
    }

    /// <summary>Takes a command out of a key's queue, where it still is.</summary>
    public void Remove(int database, byte[] key, LinkedListNode<BlockedCommand> place)
    {
        var queue = place.List;
        if (queue == null) return;
        queue.Remove(place);
        if (queue.Count == 0) _byDatabase[database]!.Remove(key);
    }

    /// <summary>True where a command waits for the key.</summary>
    public bool Has(int database, ReadOnlySpan<byte> key) =>
        _byDatabase[database]?.GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(key) == true;

    /// <summary>Keys of a database that commands wait for: after SWAPDB any of them may have come to be.</summary>
    public IEnumerable<byte[]> Keys(int database) => _byDatabase[database]?.Keys ?? Enumerable.Empty<byte[]>();

    /// <summary>Who waits for the key, first come first; null where nobody does.</summary>
    public LinkedList<BlockedCommand>? QueueOf(int database, byte[] key) => _byDatabase[database]?.GetValueOrDefault(key);
}

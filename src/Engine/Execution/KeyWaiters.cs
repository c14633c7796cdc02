using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Execution;

/// <summary>The commands that wait for keys of one slot, in the order in which they came. Under the slot lock.</summary>
internal sealed class KeyWaiters
{
    private readonly Dictionary<byte[], LinkedList<BlockedCommand>>[] _byDatabase;

    public KeyWaiters(int databases)
    {
        _byDatabase = new Dictionary<byte[], LinkedList<BlockedCommand>>[databases];
        for (var i = 0; i < databases; i++) _byDatabase[i] = new(ByteKeyComparer.Instance);
    }

    public bool IsEmpty => Array.TrueForAll(_byDatabase, keys => keys.Count == 0);

    public void Add(int database, byte[] key, BlockedCommand command)
    {
        if (!_byDatabase[database].TryGetValue(key, out var queue)) _byDatabase[database].Add(key, queue = new());
        queue.AddLast(command);
    }

    public void Remove(int database, byte[] key, BlockedCommand command)
    {
        if (!_byDatabase[database].TryGetValue(key, out var queue)) return;
        queue.Remove(command);
        if (queue.Count == 0) _byDatabase[database].Remove(key);
    }

    /// <summary>True where a command waits for the key.</summary>
    public bool Has(int database, ReadOnlySpan<byte> key) => _byDatabase[database].GetAlternateLookup<ReadOnlySpan<byte>>().ContainsKey(key);

    /// <summary>Keys of a database that commands wait for: after SWAPDB any of them may have come to be.</summary>
    public IEnumerable<byte[]> Keys(int database) => _byDatabase[database].Keys;

    /// <summary>Commands waiting for the key, first come first.</summary>
    public BlockedCommand[] Of(int database, byte[] key) => _byDatabase[database].TryGetValue(key, out var queue) ? [.. queue] : [];
}

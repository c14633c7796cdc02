using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Journaling;

/// <summary>
/// Writes a key as effects that make it what it is, whatever it was before: SET, or DEL and then RPUSH, HSET, SADD or ZADD, and PEXPIREAT; DEL
/// where there is no such key. Can stop in between, and goes on as long as the key has not changed meanwhile.
/// </summary>
internal sealed class KeyRebuild(Slot slot, int database, byte[] key)
{
    private const int MaxEffectBytes = 64 * 1024;
    private const int MaxElements = 1024;

    private readonly List<nint> _found = [];
    private bool _isBegun;

    // How far a list or sorted set has been written, and where the scan of a big hash or set goes on.
    private long _position;
    private ulong _cursor;

    public int Database => database;

    public byte[] Key => key;

    /// <summary>Writes a key at once. Under the lock of its slot.</summary>
    public static void Write(EffectBuffer target, Slot slot, int database, byte[] key) =>
        new KeyRebuild(slot, database, key).TryWrite(target, int.MaxValue);

    /// <summary>
    /// Writes more of the key, until all is written or the target holds more than <paramref name="limitBytes"/>; false in the latter case.
    /// Under the lock of its slot.
    /// </summary>
    public bool TryWrite(EffectBuffer target, int limitBytes)
    {
        var keyspace = slot[database];
        var entry = keyspace.Find(key);
        if (entry.IsNull || entry.Type == KeyType.String)
        {
            WriteSimple(target, entry);
            return true;
        }

        if (!_isBegun) Begin(target, "DEL"u8, 2);
        _isBegun = true;
        var value = keyspace.CollectionOf(entry);
        while (WriteSome(target, value))
            if (target.PayloadBytes > limitBytes) return false;
        if (!entry.HasExpire) return true;
        Begin(target, "PEXPIREAT"u8, 3);
        target.Argument(entry.ExpireAtMs);
        return true;
    }

    private void WriteSimple(EffectBuffer target, Entry entry)
    {
        if (entry.IsNull)
        {
            Begin(target, "DEL"u8, 2);
            return;
        }

        Begin(target, "SET"u8, entry.HasExpire ? 5 : 3);
        target.Argument(entry.Value);
        if (!entry.HasExpire) return;
        target.Argument("PXAT"u8);
        target.Argument(entry.ExpireAtMs);
    }

    // Writes one effect with some elements; true while there are more.
    private bool WriteSome(EffectBuffer target, Collection value)
    {
        var table = (value as HashValue)?.Table ?? (value as SetValue)?.Table;
        if (table != null && !TryScan(table)) return false;
        target.BeginOpen(slot.Number, database);
        var startedAt = target.PayloadBytes;
        target.Argument(NameFor(value));
        target.Argument(key);
        var hasMore = value switch
        {
            ListValue list => WriteList(target, list, startedAt),
            HashValue hash => WriteHash(target, hash),
            SetValue set => WriteSet(target, set),
            SortedSet sorted => WriteSortedSet(target, sorted, startedAt),
            _ => throw new InvalidOperationException($"A {value.Type} cannot be copied."),
        };
        target.End();
        return hasMore;
    }

    private static ReadOnlySpan<byte> NameFor(Collection value) => value switch
    {
        ListValue => "RPUSH"u8,
        HashValue => "HSET"u8,
        SetValue => "SADD"u8,
        _ => "ZADD"u8,
    };

    private bool WriteList(EffectBuffer target, ListValue list, int startedAt)
    {
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        var cursor = list.StartAt(_position);
        for (var count = 0; !cursor.IsEnd; list.Step(ref cursor, backwards: false))
        {
            if (IsFull(target, startedAt, count++)) break;
            target.Argument(list.Get(cursor, scratch));
            _position++;
        }

        list.Leave(cursor);
        return _position < list.Count;
    }

    private bool WriteHash(EffectBuffer target, HashValue hash)
    {
        if (hash.Table == null)
        {
            Span<byte> scratch = stackalloc byte[2 * HashValue.ScratchBytes];
            for (var fields = hash.Fields(scratch); fields.MoveNext();)
            {
                target.Argument(fields.Field);
                target.Argument(fields.Value);
            }

            return false;
        }

        foreach (var address in _found)
        {
            var node = FieldTable.NodeAt(address);
            target.Argument(node.Key);
            target.Argument(node.Value);
        }

        return _cursor != 0;
    }

    private bool WriteSet(EffectBuffer target, SetValue set)
    {
        if (set.Table == null)
        {
            Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
            for (var members = set.Members(scratch); members.MoveNext();) target.Argument(members.Current);
            return false;
        }

        foreach (var address in _found) target.Argument(FieldTable.NodeAt(address).Key);
        return _cursor != 0;
    }

    private bool WriteSortedSet(EffectBuffer target, SortedSet set, int startedAt)
    {
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        var members = set.Read(new RankRange(_position, set.Count - _position), reverse: false, scratch);
        for (var count = 0; !IsFull(target, startedAt, count++) && members.MoveNext();)
        {
            target.Argument(members.Score);
            target.Argument(members.Member);
            _position++;
        }

        return _position < set.Count;
    }

    // Finds nodes from the cursor on, about as many as one effect takes; false where none is left. Seldom a node comes again later, which
    // does no harm: an effect sets or adds it as before.
    private bool TryScan(FieldTable table)
    {
        _found.Clear();
        long bytes = 0;
        do
        {
            var seen = _found.Count;
            _cursor = table.Scan(_cursor, _found);
            for (; seen < _found.Count; seen++) bytes += FieldTable.NodeAt(_found[seen]).BlockBytes;
        }
        while (_cursor != 0 && (_found.Count == 0 || (bytes < MaxEffectBytes && _found.Count < MaxElements)));
        return _found.Count > 0;
    }

    private static bool IsFull(EffectBuffer target, int startedAt, int count) =>
        count >= MaxElements || (count > 0 && target.PayloadBytes - startedAt >= MaxEffectBytes);

    private void Begin(EffectBuffer target, ReadOnlySpan<byte> name, int count)
    {
        target.Begin(slot.Number, database, count);
        target.Argument(name);
        target.Argument(key);
    }
}

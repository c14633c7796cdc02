using System.Runtime.InteropServices;
using OrleansKv.Engine.Memory;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Keyspace;

/// <summary>The keys of one slot in one database. Everything here is done under the slot lock.</summary>
/// <remarks>
/// Knows nothing of clients, expiry policy or notifications: <see cref="Commands.CommandContext"/> adds those. Keys with a time to live
/// also stand in a vector, each knowing its place there, so that the active expiry cycle and the volatile-* policies find them
/// without walking the rest.
/// </remarks>
public sealed unsafe class SlotKeyspace : NativeTable<EntryLayout>
{
    /// <summary>Bytes of a keyspace that every look-up or change uses, about.</summary>
    internal const int HotBytes = 128;

    private readonly List<nint> _volatile = [];
    private ObjectTable _objects;

    // The round of the expiry cycle under way: places of the vector it has still to look at (from there down to 0), and when the first
    // of the others expires.
    private int _roundLeft;
    private long _roundEarliestMs;

    /// <summary>Keys with a time to live.</summary>
    public int VolatileCount => _volatile.Count;

    /// <summary>No key expires before this time (milliseconds since the Unix epoch); <see cref="long.MaxValue"/> where none does.</summary>
    public long EarliestExpireMs { get; private set; } = long.MaxValue;

    /// <summary>The entry of <paramref name="key"/>, expired or not.</summary>
    public Entry Find(scoped ReadOnlySpan<byte> key) => Find(key, KeyHash.Of(key));

    /// <summary>The entry of <paramref name="key"/>, whose hash is known.</summary>
    public new Entry Find(scoped ReadOnlySpan<byte> key, ulong hash) => new(base.Find(key, hash));

    /// <summary>Keys whose value is a collection.</summary>
    public int CollectionCount => _objects.Count;

    /// <summary>The collection of an entry that is no string.</summary>
    public Collection CollectionOf(Entry entry) => _objects[entry.ObjectIndex];

    /// <summary>
    /// Sets a key to a string, in place where the block has room and is not much too large.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its new bytes; may not lie in the block that is overwritten.</param>
    /// <param name="encoding">As OBJECT ENCODING is to show it.</param>
    /// <param name="keepExpire">Whether a time to live stays.</param>
    /// <param name="replaced">A collection that the key held, for the caller to free; else null.</param>
    /// <param name="willExpire">Whether the caller is about to give the key a time to live, for which a new block then has room.</param>
    /// <returns>The entry and whether the key is new.</returns>
    public (Entry Entry, bool IsNew) SetString(
        scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value, StringEncoding encoding, bool keepExpire, out Collection? replaced,
        bool willExpire = false)
    {
        replaced = null;
        var expireBytes = willExpire ? Entry.ExpireBytes : 0;
        var hash = KeyHash.Of(key);
        var link = FindLink(key, hash);
        if (link == null)
        {
            var fresh = Entry.Create(key, value.Length + expireBytes, withExpire: false);
            Fill(fresh, value, encoding);
            Insert(fresh.Block, hash);
            return (fresh, true);
        }

        var entry = new Entry(Node(*link));
        if (entry.Type != KeyType.String) replaced = _objects.Remove(entry.ObjectIndex);
        if (entry.HasExpire && !keepExpire) DropExpire(entry);
        var needed = (long)key.Length + value.Length;
        if (needed > entry.Room || entry.Room > (2 * needed) + 64) entry = Move(link, entry, value.Length + expireBytes, entry.HasExpire);
        Fill(entry, value, encoding);
        return (entry, false);
    }

    /// <summary>Sets a string that is there to other bytes, not a part of its present ones. Its time to live stays.</summary>
    /// <returns>The entry, which may have moved.</returns>
    public Entry SetString(Entry entry, scoped ReadOnlySpan<byte> value, StringEncoding encoding)
    {
        if (entry.KeyLength + (long)value.Length > entry.Room) entry = Move(LinkTo(entry.Block), entry, value.Length, entry.HasExpire);
        Fill(entry, value, encoding);
        return entry;
    }

    /// <summary>
    /// Changes the length of a string, keeping the bytes that stay; new ones are zero. Growth leaves room for more, but for the first.
    /// </summary>
    /// <returns>The entry, which may have moved. Its encoding becomes raw.</returns>
    public Entry ResizeString(Entry entry, int length)
    {
        var oldLength = entry.ValueLength;
        if (entry.KeyLength + (long)length > entry.Room)
        {
            // As in Redis's strings: doubled up to 1 MiB, then 1 MiB more.
            var room = oldLength == 0 ? length : length + Math.Min(length, 1024L * 1024);
            var moved = Move(LinkTo(entry.Block), entry, room, entry.HasExpire, keepValue: true);
            entry = moved;
        }

        entry.ValueLength = length;
        if (length > oldLength) entry.Value[oldLength..].Clear();
        entry.SetType(KeyType.String);
        return entry;
    }

    /// <summary>Adds a key, which is not there, with a collection.</summary>
    public Entry AddCollection(scoped ReadOnlySpan<byte> key, Collection value)
    {
        var entry = Entry.Create(key, 0, withExpire: false);
        entry.SetType(value.Type);
        entry.ValueLength = _objects.Add(value);
        Insert(entry.Block, KeyHash.Of(key));
        return entry;
    }

    /// <summary>Removes a key; a collection that it held is given to the caller to free.</summary>
    public Collection? Remove(Entry entry)
    {
        var collection = entry.Type == KeyType.String ? null : _objects.Remove(entry.ObjectIndex);
        if (entry.HasExpire) DropExpire(entry);
        Unlink(LinkTo(entry.Block));
        entry.Release();
        return collection;
    }

    /// <summary>Sets when a key expires (milliseconds since the Unix epoch). Gives the entry, which may have moved.</summary>
    public Entry SetExpire(Entry entry, long atMs)
    {
        if (!entry.HasExpire)
        {
            if (entry.KeyLength + InlineBytes(entry) + Entry.ExpireBytes > entry.Room)
                entry = Move(LinkTo(entry.Block), entry, InlineBytes(entry), withExpire: true, keepValue: true);
            else
                entry.SetExpireFlag(true);
            entry.VolatileIndex = _volatile.Count;
            _volatile.Add((nint)entry.Block);
        }

        entry.SetExpireAt(atMs);
        if (atMs < EarliestExpireMs) EarliestExpireMs = atMs;
        if (atMs < _roundEarliestMs) _roundEarliestMs = atMs;
        return entry;
    }

    /// <summary>Takes a key's time to live away; false where it had none.</summary>
    public bool RemoveExpire(Entry entry)
    {
        if (!entry.HasExpire) return false;
        DropExpire(entry);
        return true;
    }

    /// <summary>A key with a time to live, by its place in the vector (0 to <see cref="VolatileCount"/> - 1).</summary>
    public Entry VolatileAt(int index) => new((byte*)_volatile[index]);

    /// <summary>The address of a key with a time to live, by its place in the vector.</summary>
    internal nint VolatileBlock(int index) => _volatile[index];

    /// <summary>A random key; the keyspace is not empty.</summary>
    public Entry RandomEntry(Random random) => new(Random(random));

    /// <summary>
    /// Finds keys that have expired at <paramref name="nowMs"/>, for the caller to remove before anything else is done here. Looks at
    /// <paramref name="limit"/> keys at most and goes on from there in the next call.
    /// </summary>
    /// <returns>True at the end of a round over all keys with a time to live, which then makes <see cref="EarliestExpireMs"/> exact.</returns>
    /// <remarks>A round goes downwards: what a removal moves into a gap comes from the end and has been looked at, and so have keys that
    /// join at the end during the round, by <see cref="SetExpire"/>.</remarks>
    public bool CollectExpired(long nowMs, int limit, List<nint> found)
    {
        if (_roundLeft == 0)
        {
            _roundLeft = _volatile.Count;
            _roundEarliestMs = long.MaxValue;
        }

        var from = Math.Min(_roundLeft, _volatile.Count);
        _roundLeft = Math.Max(0, from - limit);
        foreach (var block in CollectionsMarshal.AsSpan(_volatile)[_roundLeft..from])
        {
            var atMs = new Entry((byte*)block).ExpireAtMs;
            if (atMs <= nowMs) found.Add(block);
            else if (atMs < _roundEarliestMs) _roundEarliestMs = atMs;
        }

        if (_roundLeft > 0) return false;
        EarliestExpireMs = _roundEarliestMs;
        return true;
    }

    /// <summary>An entry from the address that <see cref="CollectExpired"/>, a scan or a sample gave.</summary>
    public static Entry EntryAt(nint block) => new((byte*)block);

    /// <summary>Frees every key and gives the collections to <paramref name="freeCollection"/>. The keyspace is empty afterwards.</summary>
    public void Clear(Action<Collection> freeCollection)
    {
        PauseRehash();
        var nodes = new List<nint>((int)Math.Min(Count, int.MaxValue));
        foreach (var node in this) nodes.Add((nint)node);
        foreach (var node in nodes)
        {
            var entry = new Entry((byte*)node);
            if (entry.Type != KeyType.String) freeCollection(_objects[entry.ObjectIndex]);
            entry.Release();
        }

        ResumeRehash();
        FreeBuckets();
        _objects.Clear();
        _volatile.Clear();
        _roundLeft = 0;
        EarliestExpireMs = long.MaxValue;
    }

    // Bytes behind the key that belong to the value: a collection has none.
    private static int InlineBytes(Entry entry) => entry.Type == KeyType.String ? entry.ValueLength : 0;

    private static void Fill(Entry entry, scoped ReadOnlySpan<byte> value, StringEncoding encoding)
    {
        entry.ValueLength = value.Length;
        entry.SetType(KeyType.String, encoding);
        value.CopyTo(entry.Value);
    }

    // Puts a new block in the entry's place: same key, clock, type and time to live, room for another value.
    private Entry Move(ulong* link, Entry entry, long valueRoom, bool withExpire, bool keepValue = false)
    {
        var moved = Entry.Create(entry.Key, valueRoom, withExpire);
        moved.SetType(entry.Type, entry.Encoding);
        moved.Access = entry.Access;
        moved.ValueLength = entry.ValueLength;
        if (keepValue && entry.Type == KeyType.String) entry.Value.CopyTo(moved.Value);
        if (entry.HasExpire && withExpire)
        {
            moved.SetExpireAt(entry.ExpireAtMs);
            moved.VolatileIndex = entry.VolatileIndex;
            _volatile[entry.VolatileIndex] = (nint)moved.Block;
        }

        Replace(link, moved.Block);
        entry.Release();
        return moved;
    }

    private void DropExpire(Entry entry)
    {
        var index = entry.VolatileIndex;
        var last = _volatile.Count - 1;
        if (index != last)
        {
            _volatile[index] = _volatile[last];
            new Entry((byte*)_volatile[index]).VolatileIndex = index;
        }

        _volatile.RemoveAt(last);
        entry.SetExpireFlag(false);
        if (last > 0) return;
        _roundLeft = 0;
        EarliestExpireMs = long.MaxValue;
    }
}

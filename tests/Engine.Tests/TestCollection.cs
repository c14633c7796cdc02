using System.Text;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Tests;

/// <summary>A value that is no string, and tells how often it was freed and copied.</summary>
internal sealed class TestCollection : Collection
{
    public override KeyType Type => KeyType.Hash;

    public override long Count => 1;

    public override string EncodingName => "test";

    public override long NativeBytes => 0;

    public override long FreeEffort => 1;

    public int FreeCount { get; private set; }

    public int CloneCount { get; private set; }

    public override Collection Clone()
    {
        CloneCount++;
        return new TestCollection();
    }

    public override void Free() => FreeCount++;
}

/// <summary>Keyspace events as "database event key".</summary>
internal sealed class RecordedEvents : IKeyspaceEvents
{
    public List<string> All { get; } = [];

    public void Publish(Worker worker, int database, KeyspaceEventClasses eventClass, ReadOnlySpan<byte> eventName, ReadOnlySpan<byte> key) =>
        All.Add($"{database} {Encoding.Latin1.GetString(eventName)} {Encoding.Latin1.GetString(key)}");
}

internal static class TestCollectionExtensions
{
    /// <summary>Adds a key of database 0 with a collection.</summary>
    public static TestCollection AddCollection(this TestStore store, string key)
    {
        var collection = new TestCollection();
        var bytes = Encoding.Latin1.GetBytes(key);
        store.Store.SlotOf(bytes)[0].AddCollection(bytes, collection);
        return collection;
    }

    /// <summary>The collection that a key holds.</summary>
    public static TestCollection CollectionAt(this TestStore store, string key, int database = 0)
    {
        var bytes = Encoding.Latin1.GetBytes(key);
        var keyspace = store.Store.SlotOf(bytes)[database];
        return (TestCollection)keyspace.CollectionOf(keyspace.Find(bytes));
    }

    /// <summary>Runs cycles of active expiry until one was not cut short.</summary>
    public static void ExpireAll(this TestStore store)
    {
        var expiry = store.Store.ActiveExpiry;
        long cutShort;
        do
        {
            cutShort = expiry.TimeCapReachedCount;
            expiry.RunCycle(store.Store.Slots.Length);
        }
        while (expiry.TimeCapReachedCount != cutShort);
    }

    /// <summary>Selects a database for the first client.</summary>
    public static TestClient ConnectTo(this TestStore store, int database)
    {
        var client = store.Connect();
        client.Database = database;
        return client;
    }
}

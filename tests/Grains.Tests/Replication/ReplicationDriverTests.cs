using System.Text;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Grains.Tests.Replication;

/// <summary>Copies that silos keep of each other's slots, with everything real but the deaths.</summary>
public sealed class ReplicationDriverTests
{
    private static readonly IEnumerable<int> AllSlots = Enumerable.Range(0, SlotHash.SlotCount);
    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Writes_OnTheOwner_AreOnTheReplicaWhenTheyAreCommitted()
    {
        await using var cluster = await ReplicatedCluster.StartAsync(2);
        var (owner, replica) = (cluster.Nodes[0], cluster.Nodes[1]);

        foreach (var key in owner.Keys("k", 200)) await owner.RunAsync(["RPUSH", key, "a", "b"], ["LPOP", key], ["APPEND", key + "{" + key + "}", "text"]);

        Assert.Equal(owner.DigestOf(owner.OwnSlots), replica.DigestOf(owner.OwnSlots));
        Assert.NotEqual(owner.DigestOf([]), owner.DigestOf(owner.OwnSlots));
        Assert.All(owner.OwnSlots, slot => Assert.Equal(SlotRole.Replica, replica.Store.Slots[slot].Role));
        cluster.WaitFor(() => owner.Driver.CountAcknowledged(owner.Store.Journal!.LastLsn) == 1);
    }

    [Fact]
    public async Task Writes_FromBeforeAReplicaWasThere_AreCopied()
    {
        await using var cluster = new ReplicatedCluster(1);
        var owner = await cluster.AddAsync();
        cluster.WaitFor(() => owner.Store.Slots[0].IsOwned);
        foreach (var key in owner.Keys("k", 300)) await owner.RunAsync(["HSET", key, "field", key], ["EXPIRE", key, "1000"]);
        await owner.RunAsync(["SET", "big", new string('x', 1_000_000)]);
        var content = owner.DigestOf(AllSlots);

        var replica = await cluster.AddAsync();
        cluster.WaitFor(cluster.IsBalanced);

        Assert.Equal(content, owner.DigestOf(AllSlots));
        Assert.Equal(content, replica.DigestOf(AllSlots));
    }

    [Fact]
    public async Task Value_LongerThanAMessage_IsReplicatedAndCopied()
    {
        await using var cluster = await ReplicatedCluster.StartAsync(2);
        var owner = cluster.Nodes[0];
        var key = owner.Keys("k", 1)[0];

        await owner.RunAsync(["SET", key, new string('x', 20_000_000)]);
        await owner.RunAsync(["APPEND", key, "y"]);

        Assert.Equal(owner.DigestOf(owner.OwnSlots), cluster.Nodes[1].DigestOf(owner.OwnSlots));
        await cluster.AddAsync();
        cluster.WaitFor(cluster.IsBalanced);
        var holders = cluster.Nodes.FindAll(node => node.Store.SlotOf(Encoding.Latin1.GetBytes(key)).Role != SlotRole.Away);
        Assert.Equal(2, holders.Count);
        Assert.Single(holders.Select(node => node.DigestOf([SlotHash.Of(Encoding.Latin1.GetBytes(key))])).Distinct());
    }

    [Fact]
    public async Task Slot_BiggerThanTheWindow_IsCopiedWhileItIsWrittenTo()
    {
        await using var cluster = new ReplicatedCluster(1);
        var owner = await cluster.AddAsync();
        cluster.WaitFor(() => owner.Store.Slots[0].IsOwned);
        for (var i = 0; i < 300; i++) await owner.RunAsync(["SET", $"{{a}}{i}", new string('x', 100_000)], ["RPUSH", $"{{a}}list{i}", "0"]);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++) await owner.RunAsync(["RPUSH", $"{{a}}list{i % 300}", $"{i}"]);
        });

        var replica = await cluster.AddAsync();
        cluster.WaitFor(() => replica.Store.SlotOf("{a}"u8).Role == SlotRole.Replica || replica.Store.SlotOf("{a}"u8).IsOwned);
        await stop.CancelAsync();
        await writing;
        cluster.WaitFor(cluster.IsBalanced);

        Assert.Equal(owner.DigestOf(AllSlots), replica.DigestOf(AllSlots));
    }

    [Fact]
    public async Task Owner_DeclaredDeadUnderLoad_LosesNothingThatWasCommitted()
    {
        await using var cluster = await ReplicatedCluster.StartAsync(2);
        var (owner, heir) = (cluster.Nodes[0], cluster.Nodes[1]);
        var slots = owner.OwnSlots;
        var keys = owner.Keys("k", 100_000);
        var committed = 0;
        var writing = Task.Run(async () =>
        {
            foreach (var key in keys)
            {
                if (await owner.RunAsync(["SET", key, "1"]) != "+OK\r\n") return;
                Volatile.Write(ref committed, committed + 1);
            }
        });

        // On a machine that stood still for seconds the owner has given its replica up, and is alone for a while.
        cluster.WaitFor(() => Volatile.Read(ref committed) > 100 && cluster.IsWhole());

        cluster.Deaths.Declare(owner.Self);
        cluster.WaitFor(() => slots.TrueForAll(slot => heir.Store.Slots[slot].IsOwned));
        await Assert.ThrowsAsync<SiloUnavailableException>(() => writing.WaitAsync(ReplicatedCluster.Limit));

        Assert.Null(heir.Map.Find(owner.Self));
        Assert.All(slots, slot => Assert.False(owner.Store.Slots[slot].IsOwned));
        var found = await heir.RunAsync([.. keys.Take(committed).Select(key => new[] { "GET", key })]);
        Assert.Equal(string.Concat(Enumerable.Repeat("$1\r\n1\r\n", committed)), found);
    }

    [Fact]
    public async Task Silo_DeclaredDead_IsToldSo()
    {
        using var told = new SemaphoreSlim(0);
        await using var cluster = await ReplicatedCluster.StartAsync(2, options => options.DeclaredDead = () => told.Release());

        cluster.Deaths.Declare(cluster.Nodes[0].Self);

        Assert.True(await told.WaitAsync(ReplicatedCluster.Limit));
        Assert.False(await cluster.Nodes[0].CommitAsync());
    }

    [Fact]
    public async Task Barrier_WhileTheReplicaDoesNotAnswer_Holds()
    {
        await using var cluster = await ReplicatedCluster.StartAsync(2);
        var (owner, replica) = (cluster.Nodes[0], cluster.Nodes[1]);
        var key = owner.Keys("k", 1)[0];
        var slot = replica.Store.SlotOf(System.Text.Encoding.Latin1.GetBytes(key));
        Task<string> written;

        slot.Lock.Enter();
        try
        {
            written = owner.RunAsync(["SET", key, "1"]);
            await Assert.ThrowsAsync<TimeoutException>(() => written.WaitAsync(AWhile));
        }
        finally
        {
            slot.Lock.Exit();
        }

        // On a machine that stood still for a second the replica was given up, and has a new copy later.
        Assert.Equal("+OK\r\n", await written.WaitAsync(ReplicatedCluster.Limit));
        cluster.WaitFor(cluster.IsWhole);
        Assert.Equal(owner.DigestOf(owner.OwnSlots), replica.DigestOf(owner.OwnSlots));
    }

    [Fact]
    public async Task Replica_ThatWasLost_IsReplacedByANewFullCopy()
    {
        await using var cluster = await ReplicatedCluster.StartAsync(2);
        var owner = cluster.Nodes[0];
        foreach (var key in owner.Keys("k", 300)) await owner.RunAsync(["SET", key, key]);
        var lost = cluster.Nodes[1];

        cluster.Deaths.Declare(lost.Self);
        cluster.WaitFor(() => owner.OwnSlots.Count == SlotHash.SlotCount && owner.Store.Slots.ToArray().All(slot => slot.IsOwned));
        Assert.True(await owner.CommitAsync());
        cluster.Nodes.Remove(lost);
        var successor = await cluster.AddAsync();
        cluster.WaitFor(cluster.IsBalanced);
        foreach (var node in cluster.Nodes)
            foreach (var key in node.Keys("l", 200)) Assert.Equal("+OK\r\n", await node.RunAsync(["SET", key, key]));

        Assert.Equal(owner.DigestOf(AllSlots), successor.DigestOf(AllSlots));
        await lost.Host.StopAsync();
        lost.Host.Dispose();
    }
}

using System.Text;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Journaling;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Replication;

namespace OrleansKv.Grains.Tests;

/// <summary>Which commands of a grain call are refused, and why.</summary>
public sealed class GrainCommandsTests : IDisposable
{
    private readonly ServerConfig _config = new();
    private readonly Store _store;
    private readonly GrainCommands _commands;

    public GrainCommandsTests()
    {
        _store = new(_config, TimeProvider.System, [Connected]);
        _commands = new(_store);
    }

    // A row of a gateway, such as WATCH.
    private static CommandRow Connected => new(
        "connected", 2, CommandFlags.Fast, AclCategories.None, CommandScope.Keys, (CommandContext _, ref ReplyWriter reply) => reply.Ok())
    {
        Keys = [KeySpec.At(1, "RO")], NeedsConnection = true,
    };

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Write_AboveMaxMemoryWithoutEviction_IsRefused()
    {
        _config.MaxMemoryBytes = 1;

        Assert.Equal("-OOM command not allowed when used memory > 'maxmemory'.\r\n", Run("SET k v"));
        Assert.Equal("$-1\r\n", Run("GET k"));
        Assert.Equal(":0\r\n", Run("DEL k"));
    }

    [Fact]
    public void Command_OnASlotOfAnotherSilo_IsNotExecuted()
    {
        Run("SET k v");
        _store.SlotOf("k"u8).Role = SlotRole.Away;

        Assert.Equal("-NOTOWNER 0\r\n", Run("GET k"));
        Assert.Equal("-NOTOWNER 0\r\n", Run("MSET other v k v"));
        Assert.Equal("$-1\r\n", Run("GET other"));
        Assert.Equal(":0\r\n", Run("DBSIZE"));
    }

    [Fact]
    public async Task Batches_OfSeveralClients_AreExecutedInOrderEachOnItsDatabase()
    {
        ClientBatch[] batches = [Batch("SET k 1", 0), Batch("GET k", 1), Batch("GET k", 0), Batch("GET k", 16), Batch("GET k", 0)];

        var replies = await _commands.ExecuteAllAsync(batches);

        Assert.Equal(
            ["+OK\r\n", "$-1\r\n", "$1\r\n1\r\n", "-ERR DB index is out of range\r\n", "$1\r\n1\r\n"],
            replies.Select(reply => Encoding.UTF8.GetString(reply.Bytes)));
    }

    [Fact]
    public async Task Batches_BehindARefusedOne_AreExecuted()
    {
        _store.SlotOf("k"u8).Role = SlotRole.Away;

        var replies = await _commands.ExecuteAllAsync([Batch("SET k 1", 0), Batch("SET other 1", 0)]);

        Assert.Equal(["-NOTOWNER 0\r\n", "+OK\r\n"], replies.Select(reply => Encoding.UTF8.GetString(reply.Bytes)));
    }

    [Fact]
    public async Task Batches_BehindALotOfReplies_AreLeftAndNotExecuted()
    {
        Run($"SET k {new string('v', 600_000)}");

        var replies = await _commands.ExecuteAllAsync([Batch("GET k", 0), Batch("GET k", 0), Batch("SET k 1", 0)]);

        Assert.Equal(2, replies.Length);
        Assert.Equal(":600000\r\n", Run("STRLEN k"));
        Assert.Single(await _commands.ExecuteAllAsync([Batch("SET k 1", 0)]));
    }

    [Fact]
    public void Write_AboveMaxMemory_Evicts()
    {
        Run("SET old v");
        _config.MaxMemoryPolicy = MaxMemoryPolicy.AllKeysRandom;
        _config.MaxMemoryBytes = 1;

        Run("SET new v");

        Assert.Equal("$-1\r\n", Run("GET old"));
    }

    [Fact]
    public void Write_WhileWritesArePaused_IsRefused()
    {
        _store.Pause.Start(PauseKind.Write, long.MaxValue, 0);

        Assert.Equal("-TRYAGAIN clients are paused\r\n", Run("SET k v"));
        Assert.Equal("$-1\r\n", Run("GET k"));
        _store.Pause.End();
        Assert.Equal("+OK\r\n", Run("SET k v"));
    }

    [Fact]
    public void Read_WhileAllIsPaused_IsRefused()
    {
        _store.Pause.Start(PauseKind.All, long.MaxValue, 0);

        Assert.Equal("-TRYAGAIN clients are paused\r\n", Run("GET k"));
    }

    [Fact]
    public void Command_ThatNeedsAConnection_IsRefused() =>
        Assert.Equal("-ERR 'connected' needs a connection\r\n", Run("CONNECTED k"));

    [Fact]
    public void Write_WithFewerReplicasThanItNeeds_IsRefused()
    {
        _config.MinReplicasToWrite = 1;
        Assert.Equal("-NOREPLICAS Not enough good replicas to write.\r\n", Run("SET k v"));
        Assert.Equal("$-1\r\n", Run("GET k"));
    }

    [Fact]
    public async Task Replies_LeaveWhenWhatTheyTellIsCommitted()
    {
        using var replication = Replicate();
        var write = Execute("SET k v");
        var read = Execute("GET k");
        var other = Execute("GET other");
        Assert.True(other.IsCompletedSuccessfully);
        Assert.False(write.IsCompleted || read.IsCompleted);
        replication.Barrier.Set(replication.Journal.LastLsn, long.MaxValue, 0);
        Assert.Equal("+OK\r\n", Encoding.ASCII.GetString((await write).Bytes));
        Assert.Equal("$1\r\nv\r\n", Encoding.ASCII.GetString((await read).Bytes));
        Assert.Equal("+OK\r\n", Run("SET k v", () => replication.Barrier.Set(long.MaxValue, long.MaxValue, 0)));
    }

    [Fact]
    public async Task Replies_OfASiloThatLosesItsSlots_AreAnException()
    {
        using var replication = Replicate();
        var write = Execute("SET k v");
        replication.Barrier.Lose();
        await Assert.ThrowsAsync<SiloUnavailableException>(() => write);
        await Assert.ThrowsAsync<SiloUnavailableException>(() => Execute("GET k"));
    }

    [Fact]
    public void Refusal_WaitsForNothing()
    {
        using var replication = Replicate();
        _store.SlotOf("k"u8).Role = SlotRole.Away;
        replication.Barrier.Lose();
        Assert.Equal("-NOTOWNER 0\r\n", Run("SET k v"));
    }

    private SilentReplication Replicate()
    {
        var replication = new SilentReplication();
        (_store.Journal, _store.Replication) = (replication.Journal, replication);
        replication.Barrier.Set(0, long.MaxValue, 0);
        return replication;
    }

    private string Run(string command, Action? meanwhile = null)
    {
        var replies = Execute(command);
        meanwhile?.Invoke();
        return Encoding.ASCII.GetString(replies.Result.Bytes);
    }

    private Task<RespBatch> Execute(string command) => _commands.ExecuteAsync(Batch(command, 0).Commands, database: 0, slotNumber: null);

    private static ClientBatch Batch(string command, int database)
    {
        var words = command.Split(' ');
        var bytes = Encoding.ASCII.GetBytes($"*{words.Length}\r\n{string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"))}");
        return new(new(bytes), database);
    }

    // Nobody has acknowledged anything, ever.
    private sealed class SilentReplication : IReplicationState, IDisposable
    {
        public event Action? Acknowledged
        {
            add { }
            remove { }
        }

        public Journal Journal { get; } = new();

        public CommitBarrier Barrier { get; } = new();

        public long NowMs => 0;

        public int CountAcknowledged(long lsn) => 0;

        public int CountGood(long maxLagMs) => 0;

        public void Dispose() => Journal.Dispose();
    }
}

using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Tests.Execution;

public sealed class WaiterServiceTests : IDisposable
{
    private readonly TestStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Push_SeveralWaiters_FirstComeFirstServed()
    {
        var clients = Blocked("BLPOP k 0", "BRPOP k 0", "BLPOP k 0");
        Assert.Equal(":3\r\n", _store.Run("RPUSH k a b c"));
        Assert.Equal(["a", "c", "b"], clients.Select(Element));
        Assert.Equal(":0\r\n", _store.Run("LLEN k"));
    }

    [Fact]
    public void Push_FewerElementsThanWaiters_RestWaits()
    {
        var clients = Blocked("BLPOP k 0", "BLPOP k 0");
        _store.Run("RPUSH k a");
        Assert.Equal("a", Element(clients[0]));
        Assert.Null(clients[1].TakeServed());
        _store.Run("RPUSH k b");
        Assert.Equal("b", Element(clients[1]));
    }

    [Fact]
    public void Push_ServedByOneKey_LeavesTheQueueOfTheOther()
    {
        var clients = Blocked("BLPOP a b 0", "BLPOP b 0");
        _store.Run("RPUSH a 1");
        Assert.Equal("*2\r\n$1\r\na\r\n$1\r\n1\r\n", clients[0].TakeServed());
        Assert.Null(_store.Store.SlotOf("a"u8).Waiters);
        _store.Run("RPUSH b 2");
        Assert.Equal("2", Element(clients[1]));
        Assert.Null(_store.Store.SlotOf("b"u8).Waiters);
    }

    [Fact]
    public void BLMPop_CountBeyondLength_TakesAll()
    {
        var client = Blocked("BLMPOP 0 2 a b RIGHT COUNT 10")[0];
        _store.Run("RPUSH b 1 2");
        Assert.Equal("*2\r\n$1\r\nb\r\n*2\r\n$1\r\n2\r\n$1\r\n1\r\n", client.TakeServed());
    }

    [Fact]
    public void BLMove_Chain_IsServedThrough()
    {
        var clients = Blocked("BLMOVE a b LEFT RIGHT 0", "BRPOPLPUSH b c 0", "BLPOP c 0");
        _store.Run("RPUSH a x");
        Assert.Equal(["x", "x", "x"], clients.Select(Element));
        Assert.Equal(0, _store.Store.CountKeys(0));
    }

    [Fact]
    public void BLMove_OntoItself_Rotates()
    {
        var client = Blocked("BLMOVE k k LEFT RIGHT 0")[0];
        _store.Run("RPUSH k a b");
        Assert.Equal("a", Element(client));
        Assert.Equal("*2\r\n$1\r\nb\r\n$1\r\na\r\n", _store.Run("LRANGE k 0 -1"));
    }

    [Fact]
    public void BLMove_DestinationOfOtherType_GetsErrorAndLeavesTheElement()
    {
        var clients = Blocked("BLMOVE k d LEFT LEFT 0", "BLPOP k 0");
        _store.Run("SET d v");
        _store.Run("RPUSH k a");
        Assert.StartsWith("-WRONGTYPE", clients[0].TakeServed(), StringComparison.Ordinal);
        Assert.Equal("a", Element(clients[1]));
    }

    [Fact]
    public void Add_OfOtherType_LeavesWaiterWaiting()
    {
        var client = Blocked("BLPOP k other 0")[0];
        _store.Run("SADD k x");
        Assert.Null(client.TakeServed());
        _store.Run("SREM k x");
        _store.Run("SET k text");
        _store.Run("RPUSH other a");
        Assert.Equal("a", Element(client));
    }

    [Fact]
    public void Transaction_PushAndPop_IsNotSeenByWaiters()
    {
        var client = Blocked("BLPOP k 0")[0];
        Transact("RPUSH k a", "LPOP k");
        Assert.Null(client.TakeServed());
        Transact("RPUSH k a", "RPUSH k b", "LPOP k");
        Assert.Equal("b", Element(client));
    }

    [Fact]
    public void Transaction_TwoKeys_ServesTheOneThatWasMadeFirst()
    {
        var client = Blocked("BLPOP a b 0")[0];
        Transact("RPUSH b 1", "RPUSH a 2");
        Assert.Equal("*2\r\n$1\r\nb\r\n$1\r\n1\r\n", client.TakeServed());
        Assert.Equal(":1\r\n", _store.Run("LLEN a"));
    }

    [Fact]
    public void Claim_ByTimeout_IsPassedOver()
    {
        var clients = Blocked("BLPOP k 1", "BLPOP k 0");
        var ending = clients[0].Waiting!;
        Assert.True(ending.TryClaim());
        _store.Run("RPUSH k a");
        Assert.Equal("a", Element(clients[1]));
        ending.End(_store.Store);
        Assert.Null(_store.Store.SlotOf("k"u8).Waiters);
        _store.Run("RPUSH k b");
        Assert.Null(clients[0].TakeServed());
        Assert.Equal(":1\r\n", _store.Run("LLEN k"));
    }

    [Fact]
    public void Unclaim_AfterAMissedChance_SaysSo()
    {
        var command = Blocked("BLPOP k 0")[0].Waiting!;
        Assert.True(command.TryClaim());
        Assert.False(command.TryClaim());
        Assert.Equal(UnclaimOutcome.WaitsAndMissed, command.Unclaim());
        Assert.True(command.TryClaim());
        Assert.Equal(UnclaimOutcome.Waits, command.Unclaim());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Abandon_WhileBeingTried_LeavesTheEndToTheClaimer(bool isMissed)
    {
        var command = Blocked("BLPOP k 0")[0].Waiting!;
        Assert.True(command.TryClaim());
        if (isMissed) Assert.False(command.TryClaim());
        Assert.False(command.Abandon());
        Assert.False(command.TryClaim());
        Assert.Equal(UnclaimOutcome.Abandoned, command.Unclaim());
        command.End(_store.Store);
        Assert.False(command.Abandon());
        Assert.Null(_store.Store.SlotOf("k"u8).Waiters);
        Assert.Equal(":1\r\n", _store.Run("RPUSH k kept"));
    }

    [Fact]
    public void Abandon_WhileNobodyTries_IsForTheCallerToEnd()
    {
        var command = Blocked("BLPOP k 0")[0].Waiting!;
        Assert.True(command.Abandon());
        Assert.Equal(":1\r\n", _store.Run("RPUSH k kept"));
        command.End(_store.Store);
        Assert.Null(_store.Store.SlotOf("k"u8).Waiters);
    }

    [Fact]
    public void OwnedBytes_OfABlockedCommand_CoverArgumentsAndKeys()
    {
        var key = new string('k', 10_000);
        Assert.InRange(Blocked($"BLPOP {key} 0")[0].Waiting!.OwnedBytes, 20_000, 21_000);
    }

    [Fact]
    public void BLMove_DestinationLockedByAnother_IsServedWhenItIsFree()
    {
        var client = Blocked("BLMOVE a b LEFT LEFT 0")[0];
        var destination = _store.Store.SlotOf("b"u8);
        destination.Lock.Enter();
        var pusher = new Thread(() => _store.Run("RPUSH a x"));
        pusher.Start();
        Assert.True(SpinWait.SpinUntil(() => IsThere("a"), TimeSpan.FromSeconds(30)));
        Assert.NotNull(client.Waiting);
        destination.Lock.Exit();
        pusher.Join();
        Assert.Equal("x", Element(client));
    }

    [Fact]
    public void Push_WaiterThatThrows_EndsItsWaitAlone()
    {
        using var store = new TestStore(null, Failing);
        var errors = new List<Exception>();
        store.Store.OnError = errors.Add;
        var (failing, next) = (store.Connect(), store.Connect());
        failing.Run("FAIL k");
        next.Run("BLPOP k 0");

        Assert.Equal(":1\r\n", store.Run("RPUSH k x"));

        Assert.Equal("-ERR internal error\r\n", failing.TakeServed());
        Assert.Null(failing.Waiting);
        Assert.Equal("x", Element(next));
        Assert.Null(store.Store.SlotOf("k"u8).Waiters);
        Assert.IsType<InvalidOperationException>(Assert.Single(errors));
    }

    [Fact]
    public void EndTransaction_ErrorReportThatThrows_LetsTheLocksGo()
    {
        using var store = new TestStore(null, Failing);
        store.Store.OnError = error => throw error;
        store.Connect().Run("FAIL k");
        var push = ArgumentList.Of(["RPUSH"u8.ToArray(), "k"u8.ToArray(), "x"u8.ToArray()]);
        var locked = Executor.BeginTransaction(store.Worker, [(store.Store.Commands.Find(push[0])!, push)], []);
        store.Run("RPUSH k x");

        Assert.Throws<InvalidOperationException>(() => Executor.EndTransaction(store.Worker, locked));

        Assert.False(store.Worker.IsInTransaction);
        var slot = store.Store.SlotOf("k"u8);
        Assert.True(slot.Lock.TryEnter());
        slot.Lock.Exit();
    }

    // Waits for its key, and throws when that is there.
    private static CommandRow Failing => new(
        "fail", 2, CommandFlags.Blocking, AclCategories.None, CommandScope.Keys, (CommandContext context, ref ReplyWriter reply) =>
        {
            if (context.IsRetry) throw new InvalidOperationException("The command is made to fail.");
            context.Block(context.CopyKeys(1, 1), 0, ref reply, NothingReply.Null);
        }) { Keys = [KeySpec.At(1, "RW")] };

    private bool IsThere(string key)
    {
        var bytes = Encoding.ASCII.GetBytes(key);
        var slot = _store.Store.SlotOf(bytes);
        slot.Lock.Enter();
        var isThere = !slot[0].Find(bytes).IsNull;
        slot.Lock.Exit();
        return isThere;
    }

    private void Transact(params string[] lines)
    {
        var commands = lines.Select(line => ArgumentList.Of([.. line.Split(' ').Select(Encoding.ASCII.GetBytes)]))
            .Select(args => (_store.Store.Commands.Find(args[0])!, args)).ToArray();
        var locked = Executor.BeginTransaction(_store.Worker, commands, []);
        foreach (var line in lines) _store.Run(line);
        Executor.EndTransaction(_store.Worker, locked);
    }

    private TestClient[] Blocked(params string[] commands)
    {
        var clients = commands.Select(_ => _store.Connect()).ToArray();
        foreach (var (client, command) in clients.Zip(commands))
        {
            Assert.Equal("", client.Run(command));
            Assert.NotNull(client.Waiting);
        }

        return clients;
    }

    // The last bulk string of the reply that the client was served with.
    private static string? Element(TestClient client) => client.TakeServed()?.Split("\r\n")[^2];
}

using OrleansKv.Engine.Keyspace;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>Clients that wait for keys which another silo owns.</summary>
public sealed class ClusterBlockingTests : IDisposable
{
    private readonly TestCluster _cluster = new(3, clusterMode: false);
    private readonly List<RespClient> _clients = [];
    private readonly string _key;

    public ClusterBlockingTests() => _key = _cluster.KeyOf(1, "k");

    public void Dispose()
    {
        foreach (var client in _clients) client.Dispose();
        var left = Wait.Until(() => _cluster.Silos.All(silo => silo.Waits.Count == 0 && silo.Server.Waits.Count == 0));
        _cluster.Dispose();
        Assert.True(left, "A wait is left behind.");
    }

    [Theory]
    [InlineData("BLPOP {0} 0", "RPUSH {0} a b", "[\"{0}\", \"a\"]")]
    [InlineData("BRPOP {0} {1} 0", "RPUSH {1} a b", "[\"{1}\", \"b\"]")]
    [InlineData("BLMOVE {0} {1} LEFT LEFT 0", "RPUSH {0} a b", "\"a\"")]
    [InlineData("BRPOPLPUSH {0} {1} 0", "RPUSH {0} a b", "\"b\"")]
    [InlineData("BLMPOP 0 2 {0} {1} LEFT COUNT 5", "RPUSH {1} a b", "[\"{1}\", [\"a\", \"b\"]]")]
    [InlineData("BZPOPMIN {0} 0", "ZADD {0} 1 a 2 b", "[\"{0}\", \"a\", \"1\"]")]
    [InlineData("BZPOPMAX {0} {1} 0", "ZADD {1} 1 a 2 b", "[\"{1}\", \"b\", \"2\"]")]
    [InlineData("BZMPOP 0 1 {0} MIN", "ZADD {0} 1 a 2 b", "[\"{0}\", [[\"a\", \"1\"]]]")]
    public void Command_OnAnotherSilosKeys_WaitsAndIsServed(string waits, string serves, string reply)
    {
        var other = _cluster.KeyOf(1, "other");
        string With(string line) => line.Replace("{0}", _key, StringComparison.Ordinal).Replace("{1}", other, StringComparison.Ordinal);
        var client = Blocked(0, With(waits));
        Assert.Equal("(integer) 2", Call(2, With(serves)));
        Assert.Equal(With(reply), client.Read().ToString());
        Call(2, $"DEL {_key} {other}");

        // Where there is something it does not wait.
        Call(2, With(serves));
        Assert.Equal(With(reply), client.Call(With(waits).Split(' ')).ToString());
    }

    [Fact]
    public void Waiters_OfSeveralGateways_AreServedInTheirOrder()
    {
        var clients = new List<RespClient>();
        for (var i = 0; i < 12; i++) clients.Add(Blocked(i % 3, $"BLPOP {_key} 0"));
        var pusher = Connect(2);
        pusher.Call(["RPUSH", _key, .. Enumerable.Range(0, 7).Select(i => $"{i}")]);
        for (var i = 0; i < 7; i++) Assert.Equal($"{i}", clients[i].Read().Items[1].Text);
        pusher.Call(["RPUSH", _key, .. Enumerable.Range(7, 6).Select(i => $"{i}")]);
        for (var i = 7; i < 12; i++) Assert.Equal($"{i}", clients[i].Read().Items[1].Text);
        Assert.Equal("[\"12\"]", Call(0, $"LRANGE {_key} 0 -1"));
    }

    [Fact]
    public void Wait_WhoseTimeIsOver_RepliesNothingAndTakesNothing()
    {
        var client = Connect(0);
        Assert.Equal("(nil array)", client.Call("BLPOP", _key, "0.05").ToString());
        Assert.Equal("(integer) 1", Call(2, $"RPUSH {_key} a"));
        Assert.Equal("[\"a\"]", client.Call("LRANGE", _key, "0", "-1").ToString());
        Assert.Equal("(error) ERR timeout is negative", client.Call("BLPOP", _key, "-1").ToString());
        Call(2, $"SET {_key} text");
        Assert.StartsWith("(error) WRONGTYPE", client.Call("BLPOP", _key, "1").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Pipeline_BehindAWait_GoesOnAfterIt()
    {
        var client = Blocked(0, $"BLPOP {_key} 0", $"SET {_cluster.KeyOf(2, "x")} 1", "PING");
        Call(1, $"RPUSH {_key} a");
        Assert.Equal([$"[\"{_key}\", \"a\"]", "OK", "PONG"], Enumerable.Range(0, 3).Select(_ => client.Read().ToString()));
    }

    [Fact]
    public void Client_ThatLeaves_TakesNothing()
    {
        using (var client = _cluster[0].Connect())
        {
            client.Send(["BLPOP", _key, "0"]);
            client.Flush();
            AwaitWaits(1);
        }

        AwaitWaits(0);
        Assert.Equal("(integer) 1", Call(2, $"RPUSH {_key} a"));
        Assert.Equal("(integer) 1", Call(2, $"LLEN {_key}"));
    }

    [Theory]
    [InlineData("", "(nil array)")]
    [InlineData(" ERROR", "(error) UNBLOCKED client unblocked via CLIENT UNBLOCK")]
    public void ClientUnblock_EndsAWait(string how, string reply)
    {
        var client = Connect(0);
        var id = client.Call("CLIENT", "ID").AsInteger();
        client.Send(["BLPOP", _key, "0"]);
        client.Flush();
        AwaitWaits(1);
        Assert.Contains("blocked_clients:1", Connect(0).Call("INFO", "clients").Text, StringComparison.Ordinal);
        Assert.Equal("(integer) 1", Call(0, $"CLIENT UNBLOCK {id}{how}"));
        Assert.Equal(reply, client.Read().ToString());
        AwaitWaits(0);
        Assert.Equal("(integer) 0", Call(0, $"CLIENT UNBLOCK {id}{how}"));
    }

    [Fact]
    public void InATransaction_NothingWaits()
    {
        var client = Connect(0);
        foreach (var line in new[] { "MULTI", $"BLPOP {_key} 0" }) client.Call(line.Split(' '));
        Assert.Equal("[(nil array)]", client.Call("EXEC").ToString());
    }

    [Fact]
    public void KeysOfSeveralSilos_AreRefused() =>
        Assert.Equal("(error) CROSSSLOT Keys in request are owned by several silos", Call(0, $"BLPOP {_key} {_cluster.KeyOf(2, "k")} 0"));

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public void SlotThatMoves_TheWaitGoesOnAtTheNewOwner(int from)
    {
        // From another silo, or from the client's own, to each of the others in turn, and back.
        var key = _cluster.KeyOf(from, "m");
        var client = Blocked(0, $"BLPOP {key} 100", at: from);
        foreach (var to in new[] { 2, 0, 1, 0, 2 })
        {
            _cluster.Assign(key, _cluster[to]);
            AwaitBlocked(0, 1);
            Assert.True(Wait.Until(() => HasWaiters(to, key)), $"The wait should be at silo {to}.");
            Assert.True(Wait.Until(() => _cluster.Silos.Sum(silo => silo.Waits.Count) == (to == 0 ? 0 : 1)));
        }

        Assert.Equal("(integer) 1", Call(1, $"RPUSH {key} a"));
        Assert.Equal($"[\"{key}\", \"a\"]", client.Read().ToString());
    }

    [Fact]
    public void SlotThatMoves_TheTimeThatIsLeftCounts()
    {
        var client = Blocked(0, $"BLPOP {_key} 0.4");
        _cluster.Assign(_key, _cluster[2]);
        Assert.Equal("(nil array)", client.Read().ToString());
        var own = _cluster.KeyOf(0, "own");
        var second = Blocked(0, $"BLPOP {own} 0.4", at: 0);
        _cluster.Assign(own, _cluster[2]);
        Assert.Equal("(nil array)", second.Read().ToString());
    }

    [Fact]
    public void Wake_ThatIsLost_OnlyDelays()
    {
        var client = Blocked(0, $"BLPOP {_key} 0");
        var calls = 0;
        _cluster.Forwarder.Fault = silo => silo == "silo-0" && Interlocked.Increment(ref calls) <= 2 ? CallFault.Lost : CallFault.None;
        Call(1, $"RPUSH {_key} a");
        Assert.Equal($"[\"{_key}\", \"a\"]", client.Read().ToString());

        // Another may be on its way before the client, woken, has popped.
        Assert.True(calls >= 3, $"{calls} calls");
    }

    [Fact]
    public void GatewayThatHangs_DoesNotKeepThoseBehindItsClient()
    {
        var first = Blocked(0, $"BLPOP {_key} 0");
        var second = Blocked(1, $"BLPOP {_key} 0", at: 1, count: 1);
        _cluster.Forwarder.Hold("silo-0");
        Call(1, $"RPUSH {_key} a");
        Assert.Equal($"[\"{_key}\", \"a\"]", second.Read().ToString());
        _cluster.Forwarder.LetGo("silo-0");
        Call(1, $"RPUSH {_key} b");
        Assert.Equal($"[\"{_key}\", \"b\"]", first.Read().ToString());
    }

    [Fact]
    public void Pop_WhoseOutcomeIsUnknown_EndsTheConnection()
    {
        var client = Blocked(0, $"BLPOP {_key} 0");
        _cluster.Forwarder.Fault = silo => silo == "silo-1" ? CallFault.ReplyLost : CallFault.None;
        Call(1, $"RPUSH {_key} a");
        Assert.True(client.WaitForClose());
        _cluster.Forwarder.Fault = _ => CallFault.None;
    }

    [Fact]
    public async Task ManyConsumersAndProducers_EveryElementIsTakenOnce_WhileSlotsMove()
    {
        const int count = 600;
        var keys = Enumerable.Range(0, 4).Select(i => $"queue:{i}").ToArray();
        var seed = Environment.TickCount;
        var random = new Random(seed);
        using var stop = new CancellationTokenSource();
        var consumers = Enumerable.Range(0, 9).Select(i => Task.Run(() => Consume(i % 3, keys[i % 4], stop.Token))).ToArray();
        var producing = Task.Run(() => Produce(keys, count));
        Assert.True(Wait.Until(() => MoveOne(keys, random) && producing.IsCompleted, 60_000), $"seed {seed}: the producer does not come to an end");
        Assert.True(Wait.Until(() => keys.All(key => Call(2, $"LLEN {key}") == "(integer) 0"), 20_000), $"seed {seed}: elements are left");
        await stop.CancelAsync();
        var taken = (await Task.WhenAll(consumers)).SelectMany(list => list).Order(StringComparer.Ordinal).ToArray();
        Assert.True((await producing).Order(StringComparer.Ordinal).SequenceEqual(taken), $"seed {seed}: {taken.Length} were taken");
    }

    private bool MoveOne(string[] keys, Random random)
    {
        // The content goes with the slot: only empty ones move, as nothing copies them here.
        var key = keys[random.Next(keys.Length)];
        var owner = _cluster.OwnerOf(key);
        var slot = owner.Store.Slots[TestCluster.SlotOf(key)];
        slot.Lock.Enter();
        var isEmpty = slot.CountKeys(0) == 0;
        if (isEmpty) slot.Role = SlotRole.Away;
        slot.Lock.Exit();
        if (isEmpty) _cluster.Assign(key, _cluster[random.Next(3)]);
        return true;
    }

    private List<string> Produce(string[] keys, int count)
    {
        var produced = new List<string>();
        using var client = _cluster[2].Connect();
        for (var i = 0; i < count; i++)
        {
            if (client.Call("RPUSH", keys[i % keys.Length], $"{i}").Kind == RespKind.Integer) produced.Add($"{i}");
        }

        return produced;
    }

    private List<string> Consume(int silo, string key, CancellationToken stop)
    {
        var taken = new List<string>();
        using var client = _cluster[silo].Connect();
        while (!stop.IsCancellationRequested)
        {
            var reply = client.Call("BLPOP", key, "0.2");
            if (reply.Kind == RespKind.Array && reply.Items.Count == 2) taken.Add(reply.Items[1].Text);
        }

        return taken;
    }

    private RespClient Connect(int silo)
    {
        var client = _cluster[silo].Connect();
        _clients.Add(client);
        return client;
    }

    // A client that waits at another silo than its own, or at its own.
    private RespClient Blocked(int silo, string line, params string[] more) => Blocked(silo, line, -1, null, more);

    private RespClient Blocked(int silo, string line, int at, int? count = null, params string[] more)
    {
        var client = Connect(silo);
        var before = BlockedClients(silo);
        client.Send(line.Split(' '));
        foreach (var next in more) client.Send(next.Split(' '));
        client.Flush();
        AwaitBlocked(silo, count ?? before + 1);
        if (at != silo) Assert.True(Wait.Until(() => _cluster.Silos.Sum(each => each.Waits.Count) == _cluster.Silos.Sum(each => each.Server.Waits.Count)));
        var key = line.Split(' ').First(word => word.Any(char.IsDigit) && word.Length > 1 && char.IsLower(word[0]));
        Assert.True(Wait.Until(() => HasWaiters(_cluster.OwnerOf(key).Name[^1] - '0', key)));
        Assert.True(Wait.Until(() => _cluster.Forwarder.UnderWay == 0));
        return client;
    }

    private int BlockedClients(int silo) => _cluster[silo].Server.Clients.All.Count(client => client.IsBlocked);

    private void AwaitBlocked(int silo, int count) =>
        Assert.True(Wait.Until(() => BlockedClients(silo) == count), $"{count} clients of silo {silo} should be blocked.");

    private bool HasWaiters(int silo, string key) => _cluster[silo].Store.Slots[TestCluster.SlotOf(key)].HasWaiters;

    private void AwaitWaits(int count) =>
        Assert.True(Wait.Until(() => _cluster.Silos.Sum(silo => silo.Waits.Count) == count), $"{count} clients should wait elsewhere.");

    private string Call(int silo, string line)
    {
        using var client = _cluster[silo].Connect();
        return client.Call(line.Split(' ')).ToString();
    }
}

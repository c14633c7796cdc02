using OrleansKv.Engine.Keyspace;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>Proxy mode while slots move and calls fail: what is told to clients is true.</summary>
public sealed class OwnershipChangeTests : IDisposable
{
    private readonly TestCluster _cluster = new(3, clusterMode: false);
    private readonly RespClient _client;
    private readonly string _there;

    public OwnershipChangeTests()
    {
        _client = _cluster[0].Connect();
        _there = _cluster.KeyOf(1, "k");
    }

    public void Dispose()
    {
        _client.Dispose();
        _cluster.Dispose();
    }

    [Fact]
    public void StaleMap_TheRefusedCommandGoesToTheNewOwner()
    {
        // The role moves first, and only a refresh shows the new map.
        _cluster[1].SetRole(TestCluster.SlotOf(_there), SlotRole.Away);
        _cluster.Map.Refreshing = () =>
        {
            _cluster.Map.Refreshing = null;
            _cluster.Assign(_there, _cluster[2]);
        };

        Assert.Equal("OK", Call($"SET {_there} 1"));
        Assert.Equal(1, _cluster[2].Store.CountKeys(0));
    }

    [Fact]
    public void StaleMap_TheNewOwnerMayBeThisSilo()
    {
        _cluster[1].SetRole(TestCluster.SlotOf(_there), SlotRole.Away);
        _cluster.Map.Refreshing = () =>
        {
            _cluster.Map.Refreshing = null;
            _cluster.Assign(_there, _cluster[0]);
        };
        foreach (var line in new[] { $"SET {_there} 1", $"INCR {_there}", $"GET {_there}" }) _client.Send(line.Split(' '));
        _client.Flush();

        Assert.Equal(["OK", "(integer) 2", "\"2\""], Enumerable.Range(0, 3).Select(_ => _client.Read().ToString()));
        Assert.Equal(1, _cluster[0].Store.CountKeys(0));
    }

    [Fact]
    public void StaleMap_ARefusedTransactionGoesToTheNewOwner()
    {
        _cluster[1].SetRole(TestCluster.SlotOf(_there), SlotRole.Away);
        _cluster.Map.Refreshing = () =>
        {
            _cluster.Map.Refreshing = null;
            _cluster.Assign(_there, _cluster[0]);
        };
        foreach (var line in new[] { "MULTI", $"INCR {_there}" }) Call(line);

        Assert.Equal("[(integer) 1]", Call("EXEC"));
        Assert.Equal("(error) ERR EXEC without MULTI", Call("EXEC"));
    }

    [Fact]
    public void NobodyServesTheSlot_UntilTheTimeIsOver_IsCertainlyNotExecuted()
    {
        Call("CONFIG SET cluster-node-timeout 100");
        _cluster[1].SetRole(TestCluster.SlotOf(_there), SlotRole.Replica);
        Assert.Equal("(error) CLUSTERDOWN Hash slot not served", Call($"SET {_there} 1"));

        // The map says that it is this silo's, which is not so yet.
        var mine = _cluster.KeyOf(0, "k");
        _cluster[0].SetRole(TestCluster.SlotOf(mine), SlotRole.Replica);
        Assert.Equal("(error) CLUSTERDOWN Hash slot not served", Call($"SET {mine} 1"));
        _cluster.Assign(mine, null);
        Assert.Equal("(error) CLUSTERDOWN Hash slot not served", Call($"SET {mine} 1"));
        Assert.Equal("PONG", Call("PING"));
    }

    [Fact]
    public void RefreshThatFails_IsTriedAgain()
    {
        _cluster[1].SetRole(TestCluster.SlotOf(_there), SlotRole.Away);
        _cluster.Map.Refreshing = () =>
        {
            _cluster.Map.Refreshing = () => _cluster[1].SetRole(TestCluster.SlotOf(_there), SlotRole.Primary);
            throw new InvalidOperationException("no answer");
        };

        Assert.Equal("OK", Call($"SET {_there} 1"));
    }

    [Fact]
    public void SlotOnItsWayHere_CommandsWaitInTheirOrder()
    {
        var mine = _cluster.KeyOf(0, "k");
        _cluster[0].SetRole(TestCluster.SlotOf(mine), SlotRole.Replica);
        var refreshes = 0;
        _cluster.Map.Refreshing = () =>
        {
            if (++refreshes == 3) _cluster[0].SetRole(TestCluster.SlotOf(mine), SlotRole.Primary);
        };
        foreach (var line in new[] { $"SET {_there} 5", $"SET {mine} 1", $"INCR {mine}", $"INCR {_there}", "PING" }) _client.Send(line.Split(' '));
        _client.Flush();

        Assert.Equal(["OK", "OK", "(integer) 2", "(integer) 6", "PONG"], Enumerable.Range(0, 5).Select(_ => _client.Read().ToString()));
    }

    [Theory]
    [InlineData((int)CallFault.Lost)]
    [InlineData((int)CallFault.ReplyLost)]
    [InlineData((int)CallFault.Garbage)]
    public void Write_WhoseOutcomeIsUnknown_EndsTheConnectionAfterWhatIsKnown(int fault)
    {
        var mine = _cluster.KeyOf(0, "k");
        _cluster.Forwarder.Fault = silo => silo == "silo-1" ? (CallFault)fault : CallFault.None;
        foreach (var line in new[] { $"SET {_cluster.KeyOf(2, "k")} 1", $"INCR {mine}", $"INCR {_there}", $"INCR {mine}" }) _client.Send(line.Split(' '));
        _client.Flush();

        Assert.Equal("OK", _client.Read().ToString());
        Assert.Equal("(integer) 1", _client.Read().ToString());
        Assert.Equal("the server closed the connection", Assert.Throws<IOException>(() => _client.Read()).Message);
    }

    [Fact]
    public void Read_WhoseOutcomeIsUnknown_IsSentAgain()
    {
        Call($"SET {_there} 1");
        var faults = 0;
        _cluster.Forwarder.Fault = _ => Interlocked.Increment(ref faults) <= 3 ? CallFault.Lost : CallFault.None;

        Assert.Equal("\"1\"", Call($"GET {_there}"));
        Assert.Equal(4, faults);
    }

    [Fact]
    public async Task SlotsThatMoveAllTheTime_EveryAcknowledgedWriteWasExecutedOnce()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var keys = Enumerable.Range(0, 12).Select(i => $"list:{i}").ToArray();
        var writing = Task.WhenAll(_cluster.Silos.Select(silo => Task.Run(() => Write(silo, keys))));
        bool MoveOne()
        {
            _cluster.Assign(keys[random.Next(keys.Length)], _cluster[random.Next(3)]);
            return writing.IsCompleted;
        }

        Assert.True(Wait.Until(MoveOne, 60_000), $"seed {seed}: the writers do not come to an end");
        var written = await writing;
        for (var writer = 0; writer < written.Length; writer++)
        {
            var acknowledged = written[writer];
            foreach (var key in keys)
            {
                var found = _cluster.Silos.SelectMany(silo => ListAt(silo, key)).Where(value => value.StartsWith($"{writer}:", StringComparison.Ordinal));
                var isSame = acknowledged[key].Order(StringComparer.Ordinal).SequenceEqual(found.Order(StringComparer.Ordinal));
                Assert.True(isSame, $"seed {seed}: {key} has {found.Count()} elements of writer {writer}, who was told of {acknowledged[key].Count}");
            }
        }
    }

    private static Dictionary<string, List<string>> Write(TestCluster.Silo silo, string[] keys)
    {
        var acknowledged = keys.ToDictionary(key => key, _ => new List<string>());
        var writer = silo.Name[^1];
        using var client = silo.Connect();
        for (var round = 0; round < 60; round++)
        {
            for (var i = 0; i < 50; i++) client.Send(["RPUSH", keys[((round * 7) + i) % keys.Length], $"{writer}:{round}:{i}"]);
            client.Flush();
            for (var i = 0; i < 50; i++)
                if (client.Read().Kind == RespKind.Integer) acknowledged[keys[((round * 7) + i) % keys.Length]].Add($"{writer}:{round}:{i}");
        }

        return acknowledged;
    }

    // What a silo has of a list, whoever owns its slot now.
    private static List<string> ListAt(TestCluster.Silo silo, string key)
    {
        var slot = silo.Store.SlotOf(System.Text.Encoding.ASCII.GetBytes(key));
        slot.Role = SlotRole.Primary;
        using var client = silo.Connect();
        return [.. client.Call("LRANGE", key, "0", "-1").Items.Select(item => item.Text)];
    }

    private string Call(string line) => _client.Call(line.Split(' ')).ToString();
}

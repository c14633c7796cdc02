using OrleansKv.Engine.Keyspace;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>WATCH and EXEC on keys that another silo owns.</summary>
public sealed class ClusterWatchTests : IDisposable
{
    private readonly TestCluster _cluster = new(3, clusterMode: false);
    private readonly RespClient _client;
    private readonly RespClient _other;
    private readonly string _key;
    private readonly string _second;

    public ClusterWatchTests()
    {
        _client = _cluster[0].Connect();
        _other = _cluster[2].Connect();
        _key = _cluster.KeyOf(1, "k");
        _second = _cluster.KeyOf(1, "second");
    }

    public void Dispose()
    {
        _client.Dispose();
        _other.Dispose();
        var left = Wait.Until(() => _cluster.Silos.All(silo => silo.Watches.Count == 0));
        _cluster.Dispose();
        Assert.True(left, "A watch is left behind.");
    }

    [Theory]
    [InlineData("", "[OK, (integer) 2]")]
    [InlineData("SET {1} x", "[OK, (integer) 2]")]
    [InlineData("SET {0} x", "(nil array)")]
    [InlineData("PEXPIRE {0} 100000", "(nil array)")]
    [InlineData("FLUSHALL", "(nil array)")]
    public void Exec_AfterAWatch_FailsWhereAKeyHasChanged(string between, string reply)
    {
        Call($"SET {_key} before");
        Call($"WATCH {_key}");
        if (between.Length > 0) Other(between.Replace("{0}", _key, StringComparison.Ordinal).Replace("{1}", _second, StringComparison.Ordinal));
        Assert.Equal(reply, Exec($"SET {_key} 1", $"INCR {_key}"));
        Assert.Equal(0, _cluster[1].Watches.Count);

        // The next one is not watched for any more.
        Other($"SET {_key} 5");
        Assert.Equal("[(integer) 6]", Exec($"INCR {_key}"));
    }

    [Fact]
    public void Watch_OfTheClientsOwnChange_FailsToo()
    {
        Call($"WATCH {_key} {_second}");
        Call($"WATCH {_key}");
        Call($"SET {_second} 1");
        Assert.Equal("(nil array)", Exec($"SET {_key} 1"));
        Assert.Equal("(nil)", Call($"GET {_key}"));
    }

    [Theory]
    [InlineData("UNWATCH")]
    [InlineData("DISCARD")]
    [InlineData("RESET")]
    public void Watch_ThatHasEnded_IsForgotten(string how)
    {
        Call($"WATCH {_key}");
        Assert.Equal(1, _cluster[1].Watches.Count);
        if (how == "DISCARD") Call("MULTI");
        Call(how);
        Assert.True(Wait.Until(() => _cluster[1].Watches.Count == 0));
        Other($"SET {_key} x");
        Assert.Equal("[OK]", Exec($"SET {_key} 1"));
        Call($"WATCH {_key}");
    }

    [Fact]
    public void Pipeline_IsExecutedInOrder()
    {
        foreach (var line in new[] { $"SET {_key} 1", $"WATCH {_key}", $"GET {_key}", "MULTI", $"INCR {_key}", "EXEC", $"GET {_key}" }) _client.Send(line.Split(' '));
        _client.Flush();
        Assert.Equal(["OK", "OK", "\"1\"", "OK", "QUEUED", "[(integer) 2]", "\"2\""], Enumerable.Range(0, 7).Select(_ => _client.Read().ToString()));
    }

    [Fact]
    public void Watch_AndKeysOfDifferentSilos_AreRefusedAndTouchNothing()
    {
        const string several = "(error) CROSSSLOT Keys in request are owned by several silos";
        string here = _cluster.KeyOf(0, "k"), third = _cluster.KeyOf(2, "k");
        Assert.Equal(several, Call($"WATCH {_key} {third}"));
        Call($"WATCH {_key}");
        Assert.Equal(several, Exec($"SET {here} 1"));
        Call($"WATCH {here}");
        Assert.Equal(several, Exec($"SET {_key} 1"));
        Call($"WATCH {here}");
        Call($"WATCH {_key}");
        Assert.Equal(several, Exec($"SET {_key} 1"));
        Call($"WATCH {third}");
        Call($"WATCH {_key}");
        Assert.Equal(several, Exec("PUBLISH a b"));
        Assert.Equal("(integer) 0", Call("DBSIZE"));
    }

    [Fact]
    public void Exec_OfNothing_LooksAtTheWatch()
    {
        Call($"WATCH {_key}");
        Assert.Equal("[]", Exec());
        Call($"WATCH {_key}");
        Other($"SET {_key} x");
        Assert.Equal("(nil array)", Exec("PUBLISH a b"));
    }

    [Theory]
    [InlineData(1, 2, 2)]
    [InlineData(1, 2, 1)]
    [InlineData(1, 0, 0)]
    [InlineData(0, 2, 2)]
    [InlineData(0, 2, 0)]
    public void SlotThatHasMoved_FailsTheExec(int from, int by, int to)
    {
        var key = _cluster.KeyOf(from, "m");
        Call($"WATCH {key}");
        _cluster.Assign(key, _cluster[by]);
        if (to != by) _cluster.Assign(key, _cluster[to]);
        Assert.Equal("(nil array)", Exec($"SET {key} 1"));
        Assert.Equal("(nil)", Call($"GET {key}"));
        Assert.Equal("[OK]", Exec($"SET {key} 1"));
        foreach (var silo in _cluster.Silos) silo.Watches.Remove("silo-0", 1);
    }

    [Fact]
    public void SlotThatMovesUnseen_FailsTheExec()
    {
        Call($"WATCH {_key}");
        _cluster[1].SetRole(TestCluster.SlotOf(_key), SlotRole.Away);
        _cluster.Map.Refreshing = () =>
        {
            _cluster.Map.Refreshing = null;
            _cluster.Assign(_key, _cluster[2]);
        };
        Assert.Equal("(nil array)", Exec($"SET {_key} 1"));
    }

    [Fact]
    public void Client_ThatLeaves_LeavesNoWatchBehind()
    {
        using (var leaving = _cluster[0].Connect())
        {
            leaving.Call("WATCH", _key);
            Assert.Equal(1, _cluster[1].Watches.Count);
        }

        Assert.True(Wait.Until(() => _cluster[1].Watches.Count == 0));
    }

    [Fact]
    public async Task Counters_WithOptimisticLocks_LoseNothing()
    {
        var tasks = Enumerable.Range(0, 6).Select(i => Task.Run(() => Increment(i % 3, 60))).ToArray();
        await Task.WhenAll(tasks);
        Assert.Equal("\"360\"", Call($"GET {_key}"));
    }

    private void Increment(int silo, int times)
    {
        using var client = _cluster[silo].Connect();
        for (var done = 0; done < times;)
        {
            client.Call("WATCH", _key);
            var value = client.Call("GET", _key).Text;
            client.Call("MULTI");
            client.Call("SET", _key, $"{(value.Length == 0 ? 0 : int.Parse(value, null)) + 1}");
            if (client.Call("EXEC").Items.Count == 1) done++;
        }
    }

    private string Exec(params string[] lines)
    {
        Call("MULTI");
        foreach (var line in lines) Assert.Equal("QUEUED", Call(line));
        return Call("EXEC");
    }

    private string Call(string line) => _client.Call(line.Split(' ')).ToString();

    private void Other(string line) => Assert.NotEqual(RespKind.Error, _other.Call(line.Split(' ')).Kind);
}

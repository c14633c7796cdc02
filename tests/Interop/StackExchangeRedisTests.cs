using OrleansKv.Support;
using StackExchange.Redis;

namespace OrleansKv.Interop;

/// <summary>Sessions of StackExchange.Redis, the usual .NET client. It multiplexes all commands over one connection.</summary>
public sealed class StackExchangeRedisTests(InteropServer server) : IClassFixture<InteropServer>, IDisposable
{
    private const int WaitMs = 10_000;

    // A call or a new connection that was under way when the old one died may wait out its time: the next try is to get its turn.
    private const int ReconnectTryMs = 1000;

    private readonly List<ConnectionMultiplexer> _open = [];

    public void Dispose() => _open.ForEach(connection => connection.Dispose());

    [Fact]
    public void Strings_SetGetIncrement_Agree()
    {
        IDatabase db = Connect().GetDatabase();
        Assert.True(db.StringSet("se:a", "1"));
        Assert.Equal(42, db.StringIncrement("se:a", 41));
        Assert.Equal("42", db.StringGet("se:a"));
        Assert.False(db.StringSet("se:a", "x", when: When.NotExists));
        Assert.True(db.StringSet("se:a", "x", TimeSpan.FromSeconds(100)));
        Assert.InRange(db.KeyTimeToLive("se:a")!.Value.TotalSeconds, 1, 100);
        byte[] binary = [.. Enumerable.Range(0, 256).Select(number => (byte)number)];
        db.StringSet("se:binary", binary);
        Assert.Equal(binary, (byte[])db.StringGet("se:binary")!);
        Assert.True(db.KeyDelete("se:a"));
        Assert.Throws<RedisServerException>(() => db.HashGet("se:binary", "field"));
    }

    [Fact]
    public void Collections_WriteThenRead_Agree()
    {
        IDatabase db = Connect().GetDatabase();
        db.KeyDelete(["se:h", "se:l", "se:s", "se:z"]);
        db.HashSet("se:h", [new HashEntry("f", 1), new HashEntry("g", "two")]);
        Assert.Equal("two", db.HashGetAll("se:h").ToDictionary()["g"]);
        Assert.Equal(2, db.ListRightPush("se:l", ["a", "b"]));
        Assert.Equal("b", db.ListRightPop("se:l"));
        Assert.True(db.SetAdd("se:s", "x"));
        Assert.True(db.SetContains("se:s", "x"));
        Assert.True(db.SortedSetAdd("se:z", "m", 2.5));
        Assert.Equal(2.5, db.SortedSetRangeByRankWithScores("se:z")[0].Score);
    }

    [Fact]
    public async Task Pipeline_ManyPendingCommands_AllAnswered()
    {
        IDatabase db = Connect().GetDatabase();
        await db.KeyDeleteAsync("se:n");
        long[] replies = await Task.WhenAll(Enumerable.Range(0, 10_000).Select(_ => db.StringIncrementAsync("se:n")));
        Assert.Equal(10_000, replies.Max());
        Assert.Equal(replies.Length, replies.Distinct().Count());
    }

    [Fact]
    public async Task Transaction_WithConditions_ExecutesOrAborts()
    {
        IDatabase db = Connect().GetDatabase();
        db.StringSet("se:t", "1");
        ITransaction accepted = db.CreateTransaction();
        accepted.AddCondition(Condition.StringEqual("se:t", "1"));
        Task<long> incremented = accepted.StringIncrementAsync("se:t");
        Assert.True(accepted.Execute());
        Assert.Equal(2, await incremented);
        ITransaction refused = db.CreateTransaction();
        refused.AddCondition(Condition.KeyNotExists("se:t"));
        _ = refused.StringSetAsync("se:t", "lost");
        Assert.False(refused.Execute());
        Assert.Equal("2", db.StringGet("se:t"));
    }

    [Fact]
    public void PubSub_ChannelAndPattern_BothDelivered()
    {
        ISubscriber subscriber = Connect().GetSubscriber();
        using var heard = new CountdownEvent(2);
        subscriber.Subscribe(Channel("se:news"), (_, message) => heard.Signal(message == "hello" ? 1 : 2));
        subscriber.Subscribe(new RedisChannel("se:p*", RedisChannel.PatternMode.Pattern), (_, message) => heard.Signal(message == "there" ? 1 : 2));
        ISubscriber publisher = Connect().GetSubscriber();
        Assert.Equal(1, publisher.Publish(Channel("se:news"), "hello"));
        Assert.Equal(1, publisher.Publish(Channel("se:pattern"), "there"));
        Assert.True(heard.Wait(WaitMs));
        subscriber.UnsubscribeAll();
        Assert.True(Wait.Until(() => publisher.Publish(Channel("se:news"), "nobody") == 0));
    }

    [Fact]
    public void Scan_KeysAndFields_AllFound()
    {
        ConnectionMultiplexer connection = Connect();
        IDatabase db = connection.GetDatabase(5);
        string[] names = [.. Enumerable.Range(0, 1000).Select(number => $"se:scan:{number}")];
        db.StringSet([.. names.Select(name => new KeyValuePair<RedisKey, RedisValue>(name, "x"))]);
        IServer node = connection.GetServer("127.0.0.1", server.Port);
        Assert.Equal(names.Order(), node.Keys(5, "se:scan:*", pageSize: 100).Select(key => (string)key!).Distinct().Order());
        db.HashSet("se:bighash", [.. Enumerable.Range(0, 600).Select(number => new HashEntry($"f{number}", number))]);
        Assert.Equal(600, db.HashScan("se:bighash").Select(entry => entry.Name).Distinct().Count());
    }

    /// <summary>A multiplexer must never block, so the library's way to wait for work is a list plus a notification.</summary>
    [Fact]
    public void BlockingPop_ByNotification_Delivered()
    {
        IDatabase db = Connect().GetDatabase();
        db.KeyDelete("se:queue");
        using var taken = new ManualResetEventSlim();
        Connect().GetSubscriber().Subscribe(Channel("se:queue:filled"), (_, _) =>
        {
            if (db.ListLeftPop("se:queue") == "job")
                taken.Set();
        });
        db.ListRightPush("se:queue", "job");
        db.Publish(Channel("se:queue:filled"), "");
        Assert.True(taken.Wait(WaitMs));
    }

    [Fact]
    public void Reconnect_KilledByAnother_CommandsWorkAgain()
    {
        ConnectionMultiplexer connection = Connect("se-reconnect", ReconnectTryMs);
        IDatabase db = connection.GetDatabase();
        db.StringSet("se:r", "1");
        using RespClient other = server.Server.Connect();
        Assert.True(other.Call("CLIENT", "KILL", "TYPE", "normal").AsInteger() >= 1);
        Assert.True(Wait.Until(() => Answers(db), WaitMs), $"{connection.GetStatus()}\n{server.Server.Output}");
    }

    private static bool Answers(IDatabase db)
    {
        try
        {
            return db.StringGet("se:r") == "1";
        }
        catch (Exception e) when (e is RedisConnectionException or TimeoutException)
        {
            return false;
        }
    }

    // Versions of the library differ in what a plain string stands for.
    private static RedisChannel Channel(string name) => new(name, RedisChannel.PatternMode.Literal);

    private ConnectionMultiplexer Connect(string name = "interop", int tryMs = WaitMs)
    {
        var options = new ConfigurationOptions
        {
            EndPoints = { { "127.0.0.1", server.Port } },
            AllowAdmin = true,
            ClientName = name,
            SyncTimeout = tryMs,
            ConnectTimeout = tryMs,
        };
        ConnectionMultiplexer connection = ConnectionMultiplexer.Connect(options);
        _open.Add(connection);
        return connection;
    }
}

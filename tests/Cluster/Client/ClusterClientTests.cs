using OrleansKv.Drill.Client;

namespace OrleansKv.Cluster.Tests.Client;

public sealed class ClusterClientTests : IDisposable
{
    private const int Slot = 12182;

    private readonly FakeServer _first = new();
    private readonly FakeServer _second = new();
    private readonly ErrorCounts _errors = new();
    private readonly List<string> _seen = [];
    private readonly StoppedClock _time = new();
    private readonly ClusterClient _client;

    public ClusterClientTests()
    {
        _first.Intercept = command => See("first", command);
        _second.Intercept = command => See("second", command);
        _client = NewClient(_first.Port);
    }

    public void Dispose()
    {
        _client.Dispose();
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public void Moved_FollowedAndRemembered()
    {
        _first.Intercept = command => See("first", command) ?? $"-MOVED {Slot} 127.0.0.1:{_second.Port}\r\n";
        Assert.Equal("OK", _client.Call(Slot, "SET", "foo", "1").Reply!.Text);
        Assert.Equal("1", _client.Call(Slot, "GET", "foo").Reply!.Text);
        Assert.Equal(["first SET", "second SET", "second GET"], _seen);
    }

    [Fact]
    public void Ask_FollowedOnceWithAsking()
    {
        _first.Intercept = command => See("first", command) ?? (command[0] == "SET" ? $"-ASK {Slot} 127.0.0.1:{_second.Port}\r\n" : null);
        Assert.Equal(Fate.Done, _client.Call(Slot, "SET", "foo", "1").Fate);
        Assert.Equal(Fate.Done, _client.Call(Slot, "GET", "foo").Fate);
        Assert.Equal(["first SET", "second ASKING", "second SET", "first GET"], _seen);
    }

    [Fact]
    public void NodeThatAnswered_IsAskedAgain()
    {
        using ClusterClient client = NewClient(_first.Port, _second.Port);
        for (int i = 0; i < 20; i++)
            Assert.Equal(Fate.Done, client.Call(Slot, "GET", "foo").Fate);
        Assert.Single(_seen.Distinct());
    }

    [Fact]
    public void MovedInCircles_Refused()
    {
        _first.Intercept = _ => $"-MOVED {Slot} 127.0.0.1:{_second.Port}\r\n";
        _second.Intercept = _ => $"-MOVED {Slot} 127.0.0.1:{_first.Port}\r\n";
        Assert.Equal(Outcome.Refused, _client.Call(Slot, "GET", "foo"));
        Assert.Equal("too many redirections", Assert.Single(_errors.Take()).Key);
    }

    [Fact]
    public void NobodyThere_Refused()
    {
        _first.Dispose();
        Assert.Equal(Outcome.Refused, _client.Call(Slot, "SET", "foo", "1"));
        Assert.Equal("connect: ConnectionRefused", Assert.Single(_errors.Take()).Key);
    }

    [Fact]
    public void HungUp_UnknownThenConnectsAgain()
    {
        _first.Intercept = _ => FakeServer.DoAndHangUp;
        Assert.Equal(Outcome.Unknown, _client.Call(Slot, "SET", "foo", "1"));
        _first.Intercept = _ => null;
        Assert.Equal("1", _client.Call(Slot, "GET", "foo").Reply!.Text);
    }

    [Fact]
    public void NoReply_Unknown()
    {
        _first.Intercept = _ => FakeServer.Ignore;
        using ClusterClient client = NewClient([_first.Port], timeoutMs: 500);
        Assert.Equal(Outcome.Unknown, client.Call(Slot, "SET", "foo", "1"));
        Assert.Equal("timeout", Assert.Single(_errors.Take()).Key);
    }

    [Fact]
    public void MovedToANodeThatJustFailed_RefusedWithoutTrying()
    {
        _second.Intercept = command => See("second", command) ?? $"-MOVED {Slot} 127.0.0.1:{_first.Port}\r\n";
        _first.Intercept = command => See("first", command) ?? FakeServer.HangUp;
        using ClusterClient client = NewClient(_first.Port, _second.Port);
        Assert.Equal(Outcome.Unknown, client.Call(Slot, "SET", "foo", "1"));
        Assert.Equal(Outcome.Refused, client.Call(Slot, "SET", "foo", "1"));
        Assert.Single(_seen, seen => seen == "first SET");

        _time.Ticks += 10 * TimeSpan.TicksPerSecond;
        Assert.Equal(Outcome.Unknown, client.Call(Slot, "SET", "foo", "1"));
    }

    [Fact]
    public void Dispose_EndsACallThatWaits()
    {
        using var isAsked = new ManualResetEventSlim();
        _first.Intercept = _ =>
        {
            isAsked.Set();
            return FakeServer.Ignore;
        };
        ClusterClient client = NewClient([_first.Port], timeoutMs: 120_000);
        Outcome outcome = default;
        var caller = new Thread(() => outcome = client.Call(Slot, "SET", "foo", "1"));
        caller.Start();
        Assert.True(isAsked.Wait(60_000));
        client.Dispose();
        Assert.True(caller.Join(60_000), "still waiting");
        Assert.Equal(Outcome.Unknown, outcome);
    }

    private ClusterClient NewClient(params int[] ports) => NewClient(ports, timeoutMs: 30_000);

    private ClusterClient NewClient(int[] ports, int timeoutMs) => new(ports, timeoutMs, new Random(1), _errors, _time);

    private string? See(string server, string[] command)
    {
        lock (_seen)
            _seen.Add($"{server} {command[0]}");
        return null;
    }

    private sealed class StoppedClock : TimeProvider
    {
        public long Ticks { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Ticks;
    }
}

using OrleansKv.Engine.Execution;

namespace OrleansKv.Engine.Tests.Execution;

public sealed class ServerClockTests : IDisposable
{
    private readonly TestStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void RaiseTo_ALaterTime_HoldsUntilTheOwnTimeIsAsLate()
    {
        var clock = _store.Store.Clock;
        var nowMs = clock.NowMs;

        clock.RaiseTo(nowMs + 5000);
        clock.RaiseTo(nowMs + 2000);

        Assert.Equal(nowMs + 5000, clock.NowMs);
        Assert.Equal((nowMs + 5000) * 1000, clock.NowUs);
        _store.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(nowMs + 5000, clock.NowMs);
        _store.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(nowMs + 6000, clock.NowMs);
    }

    [Fact]
    public void RaiseTo_ATimeAtWhichAKeyHasExpired_ExpiresIt()
    {
        _store.Run("SET k v PX 1000");

        _store.Store.Clock.RaiseTo(_store.Store.Clock.NowMs + 1500);

        Assert.Equal("$-1\r\n", _store.Run("GET k"));
    }
}

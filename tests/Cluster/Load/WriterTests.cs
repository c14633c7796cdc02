using OrleansKv.Drill.Client;
using OrleansKv.Drill.Load;

namespace OrleansKv.Cluster.Tests.Load;

/// <summary>One writer and the verifier against a server that misbehaves: each wrong is found, and nothing is found that is not wrong.</summary>
public sealed class WriterTests : IDisposable
{
    private const int Seed = 42;
    private const int KeysOfAKind = 4;

    private readonly FakeServer _server = new();
    private readonly ErrorCounts _errors = new();
    private readonly Writer _writer;

    public WriterTests() => _writer = new Writer(0, KeysOfAKind, NewClient(), new Random(Seed), CancellationToken.None);

    public void Dispose()
    {
        _writer.Dispose();
        _server.Dispose();
    }

    [Fact]
    public void HonestServer_NothingFound()
    {
        Step(5_000);
        Assert.Equal(5_000, _writer.Acknowledged);
        Assert.Equal(new Findings(), Found());
    }

    [Fact]
    public void ServerForgets_EveryAcknowledgedWriteIsCounted()
    {
        Step(1_000);
        _server.Keep();
        Step(300);
        _server.Forget();
        Assert.Equal(new Findings(Lost: 300), Found());
        // Counted once; the writer goes on with other keys.
        Step(1_000);
        Assert.Equal(new Findings(), Found());
    }

    [Fact]
    public void ServerForgetsWhileWritten_ACounterGoesBack()
    {
        Step(1_000);
        _server.Keep();
        Step(300);
        _server.Forget();
        Step(300);
        Findings found = Found();
        // A value that is set again, or a counter that is counted up again, covers some of it up.
        Assert.InRange(found.Lost, 100, 300);
        Assert.InRange(found.WentBack, 1, 300);
    }

    [Fact]
    public void EverythingGone_EverythingLost()
    {
        _server.Keep();
        Step(700);
        _server.Forget();
        Assert.Equal(new Findings(Lost: 700), Found());
    }

    [Fact]
    public void CommandsDoneTwice_Invented()
    {
        _server.Intercept = command =>
        {
            if (command[0] is "INCR" or "RPUSH")
                _server.Execute(command);
            return null;
        };
        Step(200);
        Assert.InRange(Found().NeverWritten, 2 * KeysOfAKind, 200);
    }

    [Fact]
    public void ValueOfSomebodyElse_Invented()
    {
        Step(500);
        _server.Execute("SET", _writer.Keys.OfType<ValueKey>().First().Name, "drill:value:9:9:9");
        Assert.Equal(new Findings(NeverWritten: 1), Found());
    }

    [Fact]
    public void ElementTwiceInAList_Invented()
    {
        Step(500);
        ListKey list = _writer.Keys.OfType<ListKey>().First(key => key.Acknowledged > 0);
        _server.Execute("RPUSH", list.Name, "1");
        Assert.Equal(new Findings(NeverWritten: 1), Found());
    }

    [Theory]
    [InlineData(FakeServer.HangUp)]
    [InlineData(FakeServer.DoAndHangUp)]
    public void UnknownOutcomes_DoneOrNot_AreNotLosses(string fate)
    {
        int count = 0;
        _server.Intercept = _ => ++count % 50 == 0 ? fate : null;
        Step(2_000);
        _server.Intercept = _ => null;
        Assert.InRange(_writer.Unknown, 20, 60);
        Assert.Equal(new Findings(), Found());
    }

    [Fact]
    public void Refusals_AreRepeatedAndNotUnknown()
    {
        int count = 0;
        _server.Intercept = _ => ++count % 50 == 0 ? "-CLUSTERDOWN The cluster is down\r\n" : null;
        Step(1_000);
        _server.Intercept = _ => null;
        Assert.Equal(0, _writer.Unknown);
        Assert.InRange(_writer.Acknowledged, 950, 999);
        Assert.Equal(new Findings(), Found());
        Assert.Equal("CLUSTERDOWN", Assert.Single(_errors.Take()).Key);
    }

    [Fact]
    public void NobodyAnswers_Unreadable()
    {
        Step(100);
        _server.Intercept = _ => "-LOADING\r\n";
        Assert.Equal(new Findings(Unreadable: 3 * KeysOfAKind), Found(timeoutMs: 50));
    }

    private void Step(int count)
    {
        for (int i = 0; i < count; i++)
            _writer.Step();
    }

    private Findings Found(int timeoutMs = 10_000)
    {
        using ClusterClient client = NewClient();
        Findings found = _writer.TakeFindings() + new Verifier(client, timeoutMs, CancellationToken.None).Verify(_writer.Keys);
        _writer.ReplaceJudged();
        return found;
    }

    private ClusterClient NewClient() => new([_server.Port], timeoutMs: 5_000, new Random(Seed), _errors, TimeProvider.System);
}

using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>Replies to commands that a gateway has executed by several silos, of which each commits for itself.</summary>
public sealed class ForwardedCommitTests : IDisposable
{
    private readonly TestCluster _cluster = new(2, clusterMode: false, (_, config) => config.IoThreads = 1);
    private readonly TestReplication[] _replications = [new(), new()];
    private readonly RespClient _client;
    private readonly string _here;
    private readonly string _there;

    public ForwardedCommitTests()
    {
        for (var i = 0; i < _replications.Length; i++)
            (_cluster[i].Store.Journal, _cluster[i].Store.Replication) = (_replications[i].Journal, _replications[i]);
        _client = _cluster[0].Connect();
        (_here, _there) = (_cluster.KeyOf(0, "k"), _cluster.KeyOf(1, "k"));
    }

    public void Dispose()
    {
        _client.Dispose();
        _cluster.Dispose();
        foreach (var replication in _replications) replication.Dispose();
    }

    [Fact]
    public void Write_OnAnotherSilo_IsAnsweredWhenItIsCommittedThere()
    {
        SendWrites(_there);
        _replications[1].WaitForWaiters(1);
        AssertSilent();
        _replications[1].Commit();
        Assert.Equal("OK", _client.Read().Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Pipeline_OverBothSilos_IsAnsweredWhenBothHaveCommitted(int first)
    {
        SendWrites(_there, _here, _there);
        _replications[1].WaitForWaiters(1);
        _replications[first].Commit();
        if (first == 1) _replications[0].WaitForWaiters(1);
        AssertSilent();
        _replications[1 - first].Commit();
        for (var i = 0; i < 3; i++) Assert.Equal("OK", _client.Read().Text);
    }

    [Fact]
    public void ReplyBeforeARun_LeavesNoEarlierThanItsOwnCommit()
    {
        SendWrites(_here, _there, _here);
        _replications[0].WaitForWaiters(1);
        _replications[1].WaitForWaiters(1);
        _replications[1].Commit();
        Assert.True(Wait.Until(() => _cluster.Forwarder.UnderWay == 0));
        AssertSilent();
        _replications[0].Commit();
        for (var i = 0; i < 3; i++) Assert.Equal("OK", _client.Read().Text);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void SiloThatLosesItsSlots_CostsTheConnection(int silo)
    {
        SendWrites(_there, _here);
        _replications[1].WaitForWaiters(1);
        _replications[1 - silo].Commit();
        _replications[silo].Lose();
        Assert.Equal("the server closed the connection", Assert.Throws<IOException>(_client.Read).Message);
    }

    private void SendWrites(params string[] keys)
    {
        foreach (var key in keys) _client.Send(["SET", key, "1"]);
        _client.Flush();
    }

    private void AssertSilent()
    {
        using var observer = _cluster[0].Connect();
        Assert.Equal("PONG", observer.Call("PING").Text);
        Assert.False(_client.HasReceived);
    }
}

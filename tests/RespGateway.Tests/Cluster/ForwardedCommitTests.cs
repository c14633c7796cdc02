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

    [Fact]
    public void Wait_AfterAWriteOnAnotherSilo_CountsTheReplicasThere()
    {
        SendWrites(_there);
        _replications[1].WaitForWaiters(1);
        _replications[1].Commit();
        Assert.Equal("OK", _client.Read().Text);
        _replications[0].Acknowledge(long.MaxValue, long.MaxValue);

        Assert.Equal("(integer) 0", _client.Call("WAIT", "1", "50").ToString());
        _client.Send(["WAIT", "2", "0"]);
        _client.Flush();
        _replications[1].Acknowledge(_replications[1].Journal.LastLsn);
        AssertSilent();
        _replications[1].Acknowledge(_replications[1].Journal.LastLsn, _replications[1].Journal.LastLsn, 0);

        Assert.Equal("(integer) 2", _client.Read().ToString());
        _cluster.Forwarder.Fault = _ => CallFault.Lost;
        Assert.Equal("(integer) 0", _client.Call("WAIT", "1", "50").ToString());
    }

    [Fact]
    public void Wait_AfterWritesOnTwoSilos_CountsTheFewestReplicas()
    {
        SendWrites(_here, _there);
        for (var i = 0; i < 2; i++)
        {
            _replications[i].WaitForWaiters(1);
            _replications[i].Commit();
        }

        Assert.Equal(["OK", "OK"], [_client.Read().Text, _client.Read().Text]);
        _replications[1].Acknowledge(long.MaxValue, long.MaxValue);
        _replications[0].Acknowledge(long.MaxValue, 0);

        Assert.Equal("(integer) 1", _client.Call("WAIT", "2", "50").ToString());
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

using OrleansKv.Contracts;
using OrleansKv.Engine.Replication;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>What INFO, ROLE and HELLO tell of replication.</summary>
public sealed class ReplicationInfoTests
{
    [Fact]
    public void Master_ShowsItsReplicas()
    {
        using var replication = new TestReplication { Good = 1 };
        using var cluster = Create(clusterMode: true);
        (cluster[0].Store.Journal, cluster[0].Store.Replication) = (replication.Journal, replication);
        cluster[0].Config.MinReplicasToWrite = 1;
        replication.CommitTo(long.MaxValue);
        using var client = cluster[0].Connect();
        client.Call("SET", cluster.KeyOf(0, "k"), "1");
        var lsn = replication.Journal.LastLsn;
        replication.Progress = [new ReplicaProgress("silo-1", lsn - 1, replication.NowMs - 2500)];

        var info = client.Call("INFO", "replication").Text;
        string[] expected =
        [
            "role:master", "connected_slaves:2", "min_slaves_good_slaves:1",
            $"slave0:ip=127.0.0.1,port={cluster[1].Port},state=online,offset={lsn - 1},lag=2",
            $"slave1:ip=127.0.0.1,port={cluster[2].Port},state=send_bulk,offset=0,lag=0",
            "master_failover_state:no-failover", $"master_replid:{cluster[0].Server.RunId}", $"master_replid2:{new string('0', 40)}",
            $"master_repl_offset:{lsn}", "second_repl_offset:-1",
            "repl_backlog_active:1", $"repl_backlog_size:{replication.Journal.LimitBytes}", "repl_backlog_first_byte_offset:1", $"repl_backlog_histlen:{lsn}",
        ];
        Assert.Equal(["# Replication", .. expected], info.Split("\r\n", StringSplitOptions.RemoveEmptyEntries));

        var role = client.Call("ROLE").Items;
        Assert.Equal(("master", lsn), (role[0].Text, role[1].AsInteger()));
        Assert.Equal(["127.0.0.1", $"{cluster[1].Port}", $"{lsn - 1}"], Assert.Single(role[2].Items).Items.Select(item => item.Text));
    }

    [Fact]
    public void Replica_OfClusterMode_ShowsItsMaster()
    {
        using var cluster = Create(clusterMode: true);
        using var inSync = cluster[1].Connect();
        var info = inSync.Call("INFO", "replication").Text;
        Assert.Contains($"role:slave\r\nmaster_host:127.0.0.1\r\nmaster_port:{cluster[0].Port}\r\nmaster_link_status:up", info, StringComparison.Ordinal);
        Assert.Equal(["slave", "127.0.0.1", $"{cluster[0].Port}", "connected", "0"], inSync.Call("ROLE").Items.Select(item => item.Text));
        Assert.Contains("replica", inSync.Call("HELLO").Items.Select(item => item.Text));
        using var copying = cluster[2].Connect();
        Assert.Contains("master_link_status:down\r\nmaster_sync_in_progress:1", copying.Call("INFO", "replication").Text, StringComparison.Ordinal);
        Assert.Equal("sync", copying.Call("ROLE").Items[3].Text);
    }

    [Fact]
    public void GatewayOfProxyMode_IsAMaster()
    {
        using var cluster = Create(clusterMode: false);
        using var client = cluster[1].Connect();
        Assert.Contains("role:master\r\nconnected_slaves:0\r\nmaster_failover_state", client.Call("INFO", "replication").Text, StringComparison.Ordinal);
        Assert.Equal("master", client.Call("ROLE").Items[0].Text);
    }

    // The first silo owns all slots, the second is in sync, the third is not yet.
    private static TestCluster Create(bool clusterMode)
    {
        var cluster = new TestCluster(3, clusterMode, (_, config) => config.IoThreads = 1);
        cluster.Members = [cluster[0].Member with { Replicas = ["silo-1", "silo-2"], InSync = ["silo-1"], SyncedThrough = [long.MaxValue] }, .. cluster.Members[1..]];
        cluster.Nodes = [.. cluster.Members[1..].Select(member => new MapNode(member.NodeId, "", cluster[0].Member.NodeId))];
        cluster.Assign(0, SlotHash.SlotCount - 1, cluster[0]);
        return cluster;
    }
}

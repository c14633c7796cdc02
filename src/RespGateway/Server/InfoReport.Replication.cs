using System.Globalization;

namespace OrleansKv.RespGateway.Server;

internal sealed partial class InfoReport
{
    private void Replication()
    {
        var view = new ReplicationView(_server);
        Head("Replication");
        Line("role", view.Master == null ? "master" : "slave");
        if (view.Master != null) Master(view);
        Line("connected_slaves", view.Replicas.Count);
        var config = _server.Config;
        if (config is { MinReplicasToWrite: > 0, MinReplicasMaxLagSeconds: > 0 })
            Line("min_slaves_good_slaves", _store.Replication?.CountGood(config.MinReplicasMaxLagSeconds * 1000L) ?? 0);
        for (var i = 0; i < view.Replicas.Count; i++)
        {
            var replica = view.Replicas[i];
            var state = replica.IsComplete ? "online" : "send_bulk";
            Line(
                string.Create(CultureInfo.InvariantCulture, $"slave{i}"),
                string.Create(CultureInfo.InvariantCulture, $"ip={replica.Endpoint.Host},port={replica.Endpoint.Port},state={state},offset={replica.Offset},lag={replica.LagMs / 1000}"));
        }

        Line("master_failover_state", "no-failover");
        Line("master_replid", _server.RunId);
        Line("master_replid2", new string('0', 40));
        Line("master_repl_offset", view.Offset);
        Line("second_repl_offset", -1);
        Backlog();
    }

    private void Master(ReplicationView view)
    {
        Line("master_host", view.Master!.Member.Endpoint.Host);
        Line("master_port", view.Master.Member.Endpoint.Port);
        Line("master_link_status", view.IsInSync ? "up" : "down");
        Line("master_sync_in_progress", view.IsInSync ? 0 : 1);
        Line("slave_priority", 100);
        Line("slave_read_only", 1);
        Line("replica_announced", 1);
    }

    // What the journal keeps is what a replica that lost its connection goes on from.
    private void Backlog()
    {
        var journal = _store.Journal;
        var first = journal?.FirstLsn ?? 0;
        Line("repl_backlog_active", journal == null ? 0 : 1);
        Line("repl_backlog_size", journal?.LimitBytes ?? 0);
        Line("repl_backlog_first_byte_offset", journal == null ? 0 : first + 1);
        Line("repl_backlog_histlen", journal == null ? 0 : journal.LastLsn - first);
    }
}

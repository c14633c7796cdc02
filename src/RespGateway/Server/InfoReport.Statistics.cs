using System.Globalization;
using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Memory;
using OrleansKv.RespGateway.PubSub;

namespace OrleansKv.RespGateway.Server;

internal sealed partial class InfoReport
{
    private void Memory()
    {
        var used = MemoryReport.UsedBytes;
        var resident = MemoryReport.ResidentBytes;
        var overhead = MemoryReport.OverheadBytes;
        Head("Memory");
        Size("used_memory", used);
        Size("used_memory_rss", resident);
        Size("used_memory_peak", MemoryReport.PeakBytes);
        Line("used_memory_peak_perc", Percent(used, MemoryReport.PeakBytes));
        Line("used_memory_overhead", overhead);
        Line("used_memory_startup", _server.StartBytes);
        Line("used_memory_dataset", Math.Max(0, used - overhead));
        Line("used_memory_dataset_perc", Percent(used - overhead, used));
        Line("allocator_allocated", SlabHeap.AllocatedBytes);
        Line("allocator_active", SlabHeap.PageBytesHeld);
        Line("allocator_frag_ratio", Ratio(SlabHeap.PageBytesHeld, SlabHeap.AllocatedBytes));
        Line("allocator_frag_bytes", SlabHeap.PageBytesHeld - SlabHeap.AllocatedBytes);
        Size("total_system_memory", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        Size("used_memory_lua", 0);
        Line("used_memory_vm_eval", 0);
        Line("used_memory_scripts_eval", 0);
        Line("number_of_cached_scripts", 0);
        Line("number_of_functions", 0);
        Line("number_of_libraries", 0);
        Size("used_memory_scripts", 0);
        Size("maxmemory", _server.Config.MaxMemoryBytes);
        Line("maxmemory_policy", Engine.Configuration.ConfigEditor.Get(_server.Config, ["maxmemory-policy"])[0].Value);
        Line("mem_fragmentation_ratio", Ratio(resident, used));
        Line("mem_fragmentation_bytes", resident - used);
        Line("mem_not_counted_for_evict", 0);
        Line("mem_replication_backlog", 0);
        Line("mem_total_replication_buffers", 0);
        Line("mem_clients_slaves", 0);
        Line("mem_clients_normal", _server.ClientBytes);
        Line("mem_cluster_links", 0);
        Line("mem_aof_buffer", 0);
        Line("mem_allocator", "slab");
        Line("active_defrag_running", 0);
        Line("lazyfree_pending_objects", _store.LazyFree.PendingCount);
        Line("lazyfreed_objects", _store.LazyFree.FreedCount);
    }

    private void Statistics()
    {
        var statistics = _server.Statistics;
        Head("Stats");
        Line("total_connections_received", _server.ConnectionsReceived);
        Line("total_commands_processed", statistics.Commands);
        Line("instantaneous_ops_per_sec", statistics.OperationsPerSecond);
        Line("total_net_input_bytes", _server.Traffic.Sum(traffic => traffic.ReadBytes));
        Line("total_net_output_bytes", _server.Traffic.Sum(traffic => traffic.WrittenBytes));
        Line("total_net_repl_input_bytes", 0);
        Line("total_net_repl_output_bytes", 0);
        Line("instantaneous_input_kbps", statistics.InputKilobytesPerSecond);
        Line("instantaneous_output_kbps", statistics.OutputKilobytesPerSecond);
        Line("rejected_connections", _server.ConnectionsRejected);
        Line("sync_full", 0);
        Line("sync_partial_ok", 0);
        Line("sync_partial_err", 0);
        Line("expired_keys", statistics.ExpiredKeys);
        Line("expired_time_cap_reached_count", _store.ActiveExpiry.TimeCapReachedCount);
        Line("expire_cycle_cpu_milliseconds", _store.ActiveExpiry.ElapsedTicks * 1000 / _store.Clock.TicksPerSecond);
        Line("evicted_keys", statistics.EvictedKeys);
        Line("evicted_clients", _server.ConnectionsEvicted);
        Line("keyspace_hits", statistics.Hits);
        Line("keyspace_misses", statistics.Misses);
        Line("pubsub_channels", _server.PubSub.Count(TopicKind.Channel));
        Line("pubsub_patterns", _server.PubSub.PatternCount);
        Line("pubsubshard_channels", _server.PubSub.Count(TopicKind.ShardChannel));
        Line("latest_fork_usec", 0);
        Line("total_forks", 0);
        Line("migrate_cached_sockets", 0);
        Line("slave_expires_tracked_keys", 0);
        Line("tracking_total_keys", 0);
        Line("tracking_total_items", 0);
        Line("tracking_total_prefixes", 0);
        Line("total_error_replies", statistics.ErrorReplies);
        Line("unexpected_error_replies", 0);
        Line("total_reads_processed", _server.Traffic.Sum(traffic => traffic.Reads));
        Line("total_writes_processed", _server.Traffic.Sum(traffic => traffic.Writes));
    }

    private void CommandStatistics()
    {
        Head("Commandstats");
        foreach (var row in _store.Commands.Indexed)
        {
            var counters = _server.Statistics.Of(row.Index);
            if (counters.Calls + counters.Rejected + counters.Failed == 0) continue;
            var microseconds = counters.Ticks * 1_000_000 / _store.Clock.TicksPerSecond;
            var each = counters.Calls == 0 ? 0 : (double)microseconds / counters.Calls;
            _text.Append(CultureInfo.InvariantCulture, $"cmdstat_{row.FullName}:calls={counters.Calls},usec={microseconds},usec_per_call={each:0.00}")
                .Append(CultureInfo.InvariantCulture, $",rejected_calls={counters.Rejected},failed_calls={counters.Failed}\r\n");
        }
    }

    private void ErrorStatistics()
    {
        Head("Errorstats");
        foreach (var (code, count) in _server.Statistics.Errors) Line($"errorstat_{code}", $"count={count}");
    }

    private void Size(string name, long bytes)
    {
        Line(name, bytes);
        Line(name + "_human", Human(bytes));
    }

    private static double Ratio(long part, long whole) => whole > 0 ? (double)part / whole : 0;

    private static string Percent(long part, long whole) =>
        (whole <= 0 ? 0 : 100.0 * part / whole).ToString("0.00", CultureInfo.InvariantCulture) + "%";

    private static string Human(long bytes)
    {
        if (bytes < 1024) return bytes.ToString(CultureInfo.InvariantCulture) + "B";
        double value = bytes;
        var unit = -1;
        while (value >= 1024 && unit < 4)
        {
            value /= 1024;
            unit++;
        }

        return value.ToString("0.00", CultureInfo.InvariantCulture) + "KMGTP"[unit];
    }
}

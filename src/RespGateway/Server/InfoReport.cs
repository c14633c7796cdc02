using System.Globalization;
using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Execution;
using OrleansKv.RespGateway.Cluster;

namespace OrleansKv.RespGateway.Server;

/// <summary>
/// The text of INFO: sections of name:value lines, with the names that Redis gives them, as far as there is something to tell.
/// </summary>
internal sealed partial class InfoReport
{
    private static readonly string[] DefaultSections =
        ["server", "clients", "memory", "persistence", "stats", "replication", "cpu", "modules", "errorstats", "cluster", "keyspace"];

    private static readonly string[] ExtraSections = ["commandstats"];

    private readonly RespServer _server;
    private readonly Worker _worker;
    private readonly Store _store;
    private readonly StringBuilder _text = new();

    private InfoReport(RespServer server, Worker worker)
    {
        _server = server;
        _worker = worker;
        _store = server.Store;
    }

    /// <summary>The report for INFO's arguments; none means the default sections, unknown ones give nothing.</summary>
    public static string Write(RespServer server, Worker worker, IReadOnlyCollection<string> sections)
    {
        var report = new InfoReport(server, worker);
        var wanted = new HashSet<string>(sections, StringComparer.OrdinalIgnoreCase);
        var all = wanted.Contains("all") || wanted.Contains("everything");
        var defaults = all || wanted.Count == 0 || wanted.Contains("default");
        foreach (var section in DefaultSections)
            if (wanted.Contains(section) || defaults) report.Section(section);
        foreach (var section in ExtraSections)
            if (wanted.Contains(section) || all) report.Section(section);
        return report._text.ToString();
    }

    private void Section(string name)
    {
        if (_text.Length > 0) _text.Append("\r\n");
        switch (name)
        {
            case "server": Server(); break;
            case "clients": Clients(); break;
            case "memory": Memory(); break;
            case "persistence": Persistence(); break;
            case "stats": Statistics(); break;
            case "replication": Replication(); break;
            case "cpu": Cpu(); break;
            case "modules": Head("Modules"); break;
            case "commandstats": CommandStatistics(); break;
            case "errorstats": ErrorStatistics(); break;
            case "cluster": Cluster(); break;
            case "keyspace": Keyspace(); break;
        }
    }

    private void Head(string title) => _text.Append("# ").Append(title).Append("\r\n");

    private void Line(string name, long value) => _text.Append(name).Append(':').Append(value).Append("\r\n");

    private void Line(string name, string value) => _text.Append(name).Append(':').Append(value).Append("\r\n");

    private void Line(string name, double value) => Line(name, value.ToString("0.00", CultureInfo.InvariantCulture));

    private void Server()
    {
        var nowMs = _store.Clock.NowMs;
        var uptimeSeconds = (nowMs - _server.StartedMs) / 1000;
        Head("Server");
        Line("redis_version", Product.RedisVersion);
        Line("redis_git_sha1", "00000000");
        Line("redis_git_dirty", 0);
        Line("redis_build_id", "0");
        Line("redis_mode", _server.IsClusterMode ? "cluster" : "standalone");
        Line("orleanskv_version", Product.Version);
        Line("os", Environment.OSVersion.Platform == PlatformID.Unix ? $"Linux {Environment.OSVersion.Version} {Architecture}" : Environment.OSVersion.ToString());
        Line("arch_bits", IntPtr.Size * 8);
        Line("multiplexing_api", _server.Backend.ToString().ToLowerInvariant());
        Line("dotnet_version", Environment.Version.ToString());
        Line("process_id", Environment.ProcessId);
        Line("process_supervised", _server.Config.Supervised.ToString().ToLowerInvariant());
        Line("run_id", _server.RunId);
        Line("tcp_port", _server.Config.Port);
        Line("server_time_usec", _store.Clock.NowUs);
        Line("uptime_in_seconds", uptimeSeconds);
        Line("uptime_in_days", uptimeSeconds / 86400);
        Line("hz", _server.Config.Hz);
        Line("configured_hz", _server.Config.Hz);
        Line("lru_clock", nowMs / 1000 & 0xFFFFFF);
        Line("executable", Environment.ProcessPath ?? "");
        Line("config_file", _server.Config.ConfigFile ?? "");
        Line("io_threads_active", _server.Loops.Count > 1 ? 1 : 0);
    }

    private static string Architecture => System.Runtime.InteropServices.RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "x86_64",
        System.Runtime.InteropServices.Architecture.Arm64 => "aarch64",
        var other => other.ToString(),
    };

    private void Clients()
    {
        var clients = _server.Clients.All;
        Head("Clients");
        Line("connected_clients", clients.Count(client => !client.IsKilled));
        Line("cluster_connections", 0);
        Line("maxclients", _server.Config.MaxClients);
        Line("client_recent_max_input_buffer", clients.Select(client => client.Transport.Input.Capacity).DefaultIfEmpty(0).Max());
        Line("client_recent_max_output_buffer", clients.Select(client => client.Transport.Output.Length).DefaultIfEmpty(0).Max());
        Line("blocked_clients", clients.Count(client => client.IsBlocked || client.IsPaused));
        Line("tracking_clients", 0);
        Line("clients_in_timeout_table", clients.Count(client => client.IsBlockedForATime));
    }

    private void Persistence()
    {
        Head("Persistence");
        Line("loading", 0);
        Line("async_loading", 0);
        Line("rdb_changes_since_last_save", _server.Statistics.Changes);
        Line("rdb_bgsave_in_progress", 0);
        Line("rdb_last_save_time", _server.StartedMs / 1000);
        Line("rdb_last_bgsave_status", "ok");
        Line("rdb_last_bgsave_time_sec", -1);
        Line("rdb_current_bgsave_time_sec", -1);
        Line("rdb_saves", 0);
        Line("aof_enabled", 0);
        Line("aof_rewrite_in_progress", 0);
        Line("aof_rewrite_scheduled", 0);
        Line("aof_last_rewrite_time_sec", -1);
        Line("aof_current_rewrite_time_sec", -1);
        Line("aof_last_bgrewrite_status", "ok");
        Line("aof_last_write_status", "ok");
    }

    private void Cpu()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        Head("CPU");
        Line("used_cpu_sys", process.PrivilegedProcessorTime.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture));
        Line("used_cpu_sys_children", "0.000000");
        Line("used_cpu_user_children", "0.000000");
        Line("used_cpu_user", process.UserProcessorTime.TotalSeconds.ToString("F6", CultureInfo.InvariantCulture));
    }

    private void Cluster()
    {
        Head("Cluster");
        Line("cluster_enabled", _server.IsClusterMode ? 1 : 0);
        if (_server.Cluster is not { } link) return;
        var routes = link.Routes;
        _text.Append(ClusterReport.Info(routes, _store.Slots, ClusterRedirect.IsDown(routes, _server.Config.ClusterRequireFullCoverage)));
        Line("cluster_least_copies", ClusterReport.LeastCopies(routes.Map));
    }

    private void Keyspace()
    {
        Head("Keyspace");
        for (var database = 0; database < _store.DatabaseCount; database++)
        {
            var (keys, expires, averageMs) = Store.Summarize(_worker, database);
            if (keys > 0) _text.Append("db").Append(database).Append(":keys=").Append(keys).Append(",expires=").Append(expires).Append(",avg_ttl=").Append(averageMs).Append("\r\n");
        }
    }
}

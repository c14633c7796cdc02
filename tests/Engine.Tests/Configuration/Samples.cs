using OrleansKv.Engine.Configuration;

namespace OrleansKv.Engine.Tests.Configuration;

/// <summary>A configuration in which nothing has its default value.</summary>
internal static class Samples
{
    private static readonly (string Name, string Value)[] Values =
    [
        ("bind", "* -::*"), ("port", "7000"), ("unixsocket", "/tmp/a socket"), ("unixsocketperm", "770"), ("protected-mode", "no"),
        ("tcp-backlog", "16"), ("tcp-keepalive", "0"), ("io-threads", "77"), ("daemonize", "yes"), ("supervised", "systemd"),
        ("pidfile", "/tmp/some \"pid\""), ("logfile", "log"), ("loglevel", "debug"), ("syslog-enabled", "yes"), ("syslog-ident", "other"),
        ("syslog-facility", "user"), ("dir", "/"), ("enable-debug-command", "local"), ("enable-protected-configs", "yes"),
        ("databases", "1"), ("requirepass", "\0\n\"'\u00ff"), ("maxclients", "4294967295"), ("timeout", "5"), ("proto-max-bulk-len", "1mb"),
        ("client-query-buffer-limit", "1048577"), ("client-output-buffer-limit", "normal 1 2 3 replica 1kb 1mb 5 pubsub 0 0 0"),
        ("maxmemory-clients", "7%"), ("notify-keyspace-events", "KEA"), ("maxmemory", "3gb"), ("maxmemory-policy", "volatile-ttl"),
        ("maxmemory-samples", "10"), ("lfu-log-factor", "0"), ("lfu-decay-time", "0"), ("active-expire-effort", "10"), ("hz", "100"),
        ("lazyfree-lazy-eviction", "yes"), ("lazyfree-lazy-expire", "yes"), ("lazyfree-lazy-server-del", "yes"),
        ("lazyfree-lazy-user-del", "yes"), ("lazyfree-lazy-user-flush", "yes"), ("cluster-enabled", "yes"),
        ("cluster-directory", "/srv/cluster"), ("role", "gateway"), ("cluster-initial-silos", "3"), ("cluster-auto-assign", "no"),
        ("cluster-port", "17000"), ("cluster-client-port", "27000"),
        ("cluster-config-file", "node.conf"), ("cluster-zone", "a"), ("cluster-orleans-config", "/etc/orleans.json"),
        ("cluster-replicas", "2"), ("cluster-migration-pause", "100"), ("cluster-synchronous-replication", "no"), ("repl-backlog-size", "1048576"),
        ("cluster-announce-ip", "192.0.2.1"), ("cluster-announce-port", "7000"), ("cluster-announce-hostname", "one.example"),
        ("cluster-preferred-endpoint-type", "hostname"), ("cluster-node-timeout", "5000"), ("cluster-require-full-coverage", "no"), ("cluster-allow-reads-when-down", "yes"),
        ("cluster-allow-pubsubshard-when-down", "no"), ("min-replicas-to-write", "1"), ("min-replicas-max-lag", "5"), ("hash-max-listpack-entries", "1"),
        ("hash-max-listpack-value", "100"), ("list-max-listpack-size", "-5"), ("list-compress-depth", "1"), ("set-max-intset-entries", "0"),
        ("set-max-listpack-entries", "0"), ("set-max-listpack-value", "2kb"), ("zset-max-listpack-entries", "0"),
        ("zset-max-listpack-value", "9223372036854775807"),
    ];

    public static ServerConfig Configured()
    {
        var config = new ServerConfig();
        foreach ((string name, string value) in Values)
            Assert.True(ConfigParameters.Get(name).TrySetText(config, value, out string? error), $"{name}: {error}");
        return config;
    }
}

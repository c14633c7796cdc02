using static OrleansKv.Engine.Configuration.ConfigFlags;

namespace OrleansKv.Engine.Configuration;

/// <summary>The process: background, supervision, files, logging, and what it guards.</summary>
internal static class ProcessParameters
{
    private static readonly (string Name, LogVerbosity Value)[] LogLevels =
    [
        ("debug", LogVerbosity.Debug), ("verbose", LogVerbosity.Verbose), ("notice", LogVerbosity.Notice),
        ("warning", LogVerbosity.Warning), ("nothing", LogVerbosity.Nothing),
    ];

    private static readonly (string Name, SupervisedMode Value)[] SupervisedModes =
    [
        ("upstart", SupervisedMode.Upstart), ("systemd", SupervisedMode.Systemd), ("auto", SupervisedMode.Auto), ("no", SupervisedMode.No),
    ];

    private static readonly (string Name, SyslogFacility Value)[] SyslogFacilities =
    [
        ("user", SyslogFacility.User), ("local0", SyslogFacility.Local0), ("local1", SyslogFacility.Local1),
        ("local2", SyslogFacility.Local2), ("local3", SyslogFacility.Local3), ("local4", SyslogFacility.Local4),
        ("local5", SyslogFacility.Local5), ("local6", SyslogFacility.Local6), ("local7", SyslogFacility.Local7),
    ];

    private static readonly (string Name, ProtectedAction Value)[] ProtectedActions =
    [
        ("no", ProtectedAction.No), ("yes", ProtectedAction.Yes), ("local", ProtectedAction.Local),
    ];

    internal static readonly ConfigParameter[] Rows =
    [
        new BoolParameter("daemonize", c => c.Daemonize, (c, v) => c.Daemonize = v)
        {
            Flags = Immutable, Summary = "Run in the background.",
        },
        new EnumParameter<SupervisedMode>("supervised", SupervisedModes, c => c.Supervised, (c, v) => c.Supervised = v)
        {
            Flags = Immutable, Summary = "Tell upstart or systemd when the server is ready.",
        },
        new TextParameter("pidfile", c => c.PidFile, (c, v) => c.PidFile = v)
        {
            Flags = Immutable, IsEmptyNull = true,
            Summary = "File that holds the process id while the server runs; with `daemonize yes`, `/var/run/orleanskv.pid` if not set.",
        },
        new TextParameter("logfile", c => c.LogFile, (c, v) => c.LogFile = v!)
        {
            Flags = Immutable, Summary = "File to log to; empty for standard output.",
        },
        new EnumParameter<LogVerbosity>("loglevel", LogLevels, c => c.LogLevel, (c, v) => c.LogLevel = v)
        {
            Flags = OfServer, Summary = "The least important level that is logged.",
        },
        new BoolParameter("syslog-enabled", c => c.SyslogEnabled, (c, v) => c.SyslogEnabled = v)
        {
            Flags = Immutable, Summary = "Log to the system logger as well.",
        },
        new TextParameter("syslog-ident", c => c.SyslogIdent, (c, v) => c.SyslogIdent = v!)
        {
            Flags = Immutable, Summary = "Name in the system log.",
        },
        new EnumParameter<SyslogFacility>("syslog-facility", SyslogFacilities, c => c.SyslogFacility, (c, v) => c.SyslogFacility = v)
        {
            Flags = Immutable, Summary = "Facility in the system log.",
        },
        new DirectoryParameter
        {
            Flags = OfServer | Protected, Default = "the current directory",
            Summary = "Data directory; other relative paths are below it.",
        },
        new EnumParameter<ProtectedAction>(
            "enable-debug-command", ProtectedActions, c => c.EnableDebugCommand, (c, v) => c.EnableDebugCommand = v)
        {
            Flags = Immutable, Summary = "Who may use DEBUG.",
        },
        new EnumParameter<ProtectedAction>(
            "enable-protected-configs", ProtectedActions, c => c.EnableProtectedConfigs, (c, v) => c.EnableProtectedConfigs = v)
        {
            Flags = Immutable, Summary = "Who may change protected parameters with CONFIG SET.",
        },
        new NumberParameter("databases", 1, int.MaxValue, c => c.Databases, (c, v) => c.Databases = (int)v)
        {
            Flags = Immutable, Summary = "Number of databases for SELECT.",
        },
    ];
}

using static OrleansKv.Engine.Configuration.ConfigFlags;

namespace OrleansKv.Engine.Configuration;

/// <summary>Where the server listens, and how its connections are served.</summary>
internal static class NetworkParameters
{
    internal static readonly ConfigParameter[] Rows =
    [
        new BindParameter
        {
            Flags = OfServer | MultiArgument, Summary = "Addresses to listen on. Redis without a configuration file listens on all.",
        },
        new NumberParameter("port", 0, 65535, c => c.Port, (c, v) => c.Port = (int)v)
        {
            Flags = OfServer, Summary = "TCP port; 0 for none.",
        },
        new TextParameter("unixsocket", c => c.UnixSocket, (c, v) => c.UnixSocket = v)
        {
            Flags = Immutable, IsEmptyNull = true, Summary = "Path of a Unix socket to listen on too.",
        },
        new NumberParameter("unixsocketperm", 0, 0x1FF, c => c.UnixSocketPermissions, (c, v) => c.UnixSocketPermissions = (int)v)
        {
            Flags = Immutable, Unit = NumberUnit.Octal, Summary = "File mode of the Unix socket; 0 leaves it to the umask.",
        },
        new BoolParameter("protected-mode", c => c.ProtectedMode, (c, v) => c.ProtectedMode = v)
        {
            Flags = OfServer, Summary = "Without a password, serve only clients on loopback addresses and the Unix socket.",
        },
        new NumberParameter("tcp-backlog", 0, int.MaxValue, c => c.TcpBacklog, (c, v) => c.TcpBacklog = (int)v)
        {
            Flags = Immutable, Summary = "Connections that may wait to be accepted.",
        },
        new NumberParameter("tcp-keepalive", 0, int.MaxValue, c => c.TcpKeepAliveSeconds, (c, v) => c.TcpKeepAliveSeconds = (int)v)
        {
            Summary = "Seconds of silence before a connection is probed; 0 for never.",
        },
        new NumberParameter("io-threads", 1, 128, c => c.IoThreads, (c, v) => c.IoThreads = (int)v)
        {
            Flags = Immutable, Default = "number of cores", Summary = "I/O loops, each a thread with its own connections.",
        },
    ];
}

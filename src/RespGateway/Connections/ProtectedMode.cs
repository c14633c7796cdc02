using OrleansKv.Engine.Configuration;

namespace OrleansKv.RespGateway.Connections;

/// <summary>
/// Redis's protected-mode: a server that nobody gave a password serves only clients on its own machine, so that an installation left as it
/// came is not open to the network.
/// </summary>
internal static class ProtectedMode
{
    /// <summary>What a refused client reads before its connection is closed.</summary>
    public static ReadOnlySpan<byte> Refusal =>
        "-DENIED OrleansKv is running in protected mode because protected mode is enabled and no password is set for the default user. "u8
        + "In this mode connections are only accepted from the loopback interface. "u8
        + "If you want to connect from external computers you may adopt one of the following solutions: "u8
        + "1) Disable protected mode by sending the command 'CONFIG SET protected-mode no' from the same host the server is running on, "u8
        + "and make sure that the server cannot be reached from the internet if you do so. "u8
        + "Use CONFIG REWRITE to make this change permanent. "u8
        + "2) Set the protected-mode option to 'no' in the configuration file and restart the server. "u8
        + "3) If you started the server by hand just for testing, restart it with the '--protected-mode no' option. "u8
        + "4) Set up a password for the default user.\r\n"u8;

    /// <summary>Whether a new client is to be refused.</summary>
    public static bool Refuses(ServerConfig config, string remoteAddress) =>
        config is { ProtectedMode: true, RequirePass: null } && !IsLocal(remoteAddress);

    /// <summary>True for a client on this machine: over a Unix socket or the loopback interface.</summary>
    /// <param name="remoteAddress">As the transport writes it.</param>
    public static bool IsLocal(string remoteAddress) => remoteAddress.StartsWith('/')
        || remoteAddress.StartsWith("127.", StringComparison.Ordinal) || remoteAddress.StartsWith("[::1]", StringComparison.Ordinal);
}

using OrleansKv.Engine.Commands;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Commands;

/// <summary>What the gateway's handlers need of a context.</summary>
internal static class SessionExtensions
{
    /// <summary>The client that sent the command. The gateway's session commands are only ever run for one of its connections.</summary>
    public static RespConnection Client(this CommandContext context) => (RespConnection)context.Session;

    /// <summary>The gateway.</summary>
    public static RespServer Server(this CommandContext context) => context.Client().Server;
}

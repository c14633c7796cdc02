// Stands for nothing in Orleans, whose clients always use sockets.
using Orleans.Hosting;

namespace OrleansKv.LocalRuntime;

public sealed class SocketOptions
{
    /// <summary>Whether a client goes through a socket to a silo of its own process too, so that tests cross one.</summary>
    public bool EvenWithinProcess { get; set; }
}

public static class SocketExtensions
{
    public static IClientBuilder AlwaysUseSockets(this IClientBuilder builder) =>
        builder.Configure<SocketOptions>(options => options.EvenWithinProcess = true);
}

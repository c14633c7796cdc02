using System.Net;
using System.Net.Sockets;

namespace OrleansKv.Grains.Tests.Membership;

/// <summary>Takes a connection, passes on what the other side says first, and cuts it when told.</summary>
internal sealed class LossyProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _port;

    public LossyProxy(int port)
    {
        _port = port;
        _listener.Start();
        Endpoint = (IPEndPoint)_listener.LocalEndpoint;
    }

    public IPEndPoint Endpoint { get; }

    /// <summary>Where connections lead from now on.</summary>
    public void Redirect(int port) => _port = port;

    /// <summary>Waits for a connection, brings it its greeting, and ends it.</summary>
    public async Task CutAsync()
    {
        using TcpClient taken = await TakeAsync();
    }

    public void Dispose() => _listener.Dispose();

    private async Task<TcpClient> TakeAsync()
    {
        TcpClient taken = await _listener.AcceptTcpClientAsync();
        using var target = new TcpClient();
        await target.ConnectAsync(IPAddress.Loopback, _port);
        byte[] greeting = new byte[128];
        int length = await target.GetStream().ReadAsync(greeting);
        await taken.GetStream().WriteAsync(greeting.AsMemory(0, length));
        return taken;
    }
}

using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Tests.Transport;

/// <summary>Lowering the limit of open descriptors is felt by the whole process, so these tests run while no other does.</summary>
[CollectionDefinition(nameof(ListenerTests), DisableParallelization = true)]
public sealed class ListenerTestsAlone;

[Collection(nameof(ListenerTests))]
public sealed partial class ListenerTests
{
    public static TheoryData<TransportBackend> Backends => TestServer.Backends;

    [Theory, MemberData(nameof(Backends))]
    public void ListenTcp_OnAPortInUse_ThrowsTheSystemsText(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, _ => null);
        using var second = new TransportServer(new TransportOptions { Backend = backend, LoopCount = 1 });

        SocketException error = Assert.Throws<SocketException>(() => second.ListenTcp("127.0.0.1", server.Port));

        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
        if (OperatingSystem.IsLinux())
            Assert.Equal("Address already in use", error.Message);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Addresses_OfATcpClient_AreAsRedisPrintsThem(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, c => new EchoHandler(c));
        using Socket client = server.Connect();
        TransportConnection connection = server.WaitForConnection();

        Assert.Equal(client.LocalEndPoint!.ToString(), connection.RemoteAddress);
        Assert.Equal($"127.0.0.1:{server.Port}", connection.LocalAddress);
        Assert.True(connection.FileDescriptor > 0);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Addresses_OfAnIpv6Client_AreInBrackets(TransportBackend backend)
    {
        if (!Socket.OSSupportsIPv6)
            return;
        using var server = new TestServer(backend, 1, c => new EchoHandler(c));
        int port;
        try
        {
            port = server.Transport.ListenTcp("::1", 0).Port;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            // The machine has IPv6 but no address of it.
            return;
        }
        using var client = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(IPAddress.IPv6Loopback, port);
        TransportConnection connection = server.WaitForConnection();

        Assert.Equal($"[::1]:{((IPEndPoint)client.LocalEndPoint!).Port}", connection.RemoteAddress);
        Assert.Equal($"[::1]:{port}", connection.LocalAddress);
    }

    [Theory, MemberData(nameof(Backends))]
    public void UnixSocket_WithPermissions_ServesAndVanishesWhenClosed(TransportBackend backend)
    {
        if (OperatingSystem.IsWindows())
            return;
        string path = Path.Combine(Path.GetTempPath(), $"transport-{Guid.NewGuid():N}.sock");
        File.WriteAllText(path, "left by a predecessor");
        using var server = new TestServer(backend, 1, c => new EchoHandler(c));
        TransportListener listener = server.Transport.ListenUnix(path, 448 /* rwx for the owner */);
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        client.Connect(new UnixDomainSocketEndPoint(path));
        client.Send("unix"u8);

        Assert.Equal("unix"u8, TestServer.ReceiveExactly(client, 4));
        Assert.Equal((UnixFileMode)448, File.GetUnixFileMode(path) & (UnixFileMode)511);
        TransportConnection connection = server.WaitForConnection();
        Assert.Equal(path + ":0", connection.RemoteAddress);
        Assert.Equal(path + ":0", connection.LocalAddress);
        listener.Close();
        Assert.False(File.Exists(path));
    }

    [Theory, MemberData(nameof(Backends))]
    public void StopAccepting_LeavesConnectionsAndFreesThePort(TransportBackend backend)
    {
        using var server = new TestServer(backend, 2, c => new EchoHandler(c));
        using Socket client = server.Connect();
        server.WaitForConnection();

        server.Transport.StopAccepting();

        Assert.Throws<SocketException>(server.Connect);
        client.Send("still here"u8);
        Assert.Equal("still here"u8, TestServer.ReceiveExactly(client, 10));
        server.Transport.ListenTcp("127.0.0.1", server.Port);
        using Socket again = server.Connect();
        again.Send("again"u8);
        Assert.Equal("again"u8, TestServer.ReceiveExactly(again, 5));
    }

    [Theory, MemberData(nameof(Backends))]
    public void Accept_WithoutDescriptorsLeft_WaitsInsteadOfSpinning(TransportBackend backend)
    {
        if (!OperatingSystem.IsLinux())
            return;
        const int Resource = 7; // RLIMIT_NOFILE
        using var server = new TestServer(backend, 1, c => new EchoHandler(c));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        client.SendTimeout = client.ReceiveTimeout = 20_000;
        Assert.Equal(0, GetLimit(Resource, out Limits before));
        try
        {
            // A limit below what is open lets no further descriptor be made, and leaves those that are there alone.
            Assert.Equal(0, SetLimit(Resource, before with { Soft = 4 }));
            client.Connect(IPAddress.Loopback, server.Port);
            TestServer.WaitUntil(() => server.Errors.Count >= 3);
            long start = TestServer.OnLoop(server.Transport.Loops[0], () => server.Transport.Loops[0].NowMs);
            int errors = server.Errors.Count;
            TestServer.WaitUntil(() => server.Errors.Count >= errors + 3);
            long elapsedMs = TestServer.OnLoop(server.Transport.Loops[0], () => server.Transport.Loops[0].NowMs) - start;
            Assert.True(elapsedMs >= 200, $"Three more attempts within {elapsedMs} ms.");
        }
        finally
        {
            SetLimit(Resource, before);
        }
        client.Send("patience"u8);
        Assert.Equal("patience"u8, TestServer.ReceiveExactly(client, 8));
    }

    private record struct Limits(ulong Soft, ulong Hard);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limits limits);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limits limits);
}

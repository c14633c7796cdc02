using System.Net.Sockets;
using System.Text;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Tests.Transport;

public sealed class EchoTests
{
    public static TheoryData<TransportBackend> Backends => TestServer.Backends;

    [Theory, MemberData(nameof(Backends))]
    public void Echo_OneMessage_ComesBack(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, c => new EchoHandler(c));
        using Socket client = server.Connect();

        client.Send("hello"u8);

        Assert.Equal("hello", Encoding.ASCII.GetString(TestServer.ReceiveExactly(client, 5)));
    }

    [Theory, MemberData(nameof(Backends))]
    public void Frames_SentByteByByte_AreAnsweredOnceComplete(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, c => new FrameHandler(c));
        using Socket client = server.Connect();
        byte[] body = Encoding.ASCII.GetBytes("a frame in single bytes");
        byte[] frame = [.. BitConverter.GetBytes(body.Length), .. body];

        foreach (byte value in frame)
            client.Send([value]);

        byte[] answer = TestServer.ReceiveExactly(client, 8);
        Assert.Equal(body.Length, BitConverter.ToInt32(answer));
        Assert.Equal(FrameHandler.Checksum(body), BitConverter.ToUInt32(answer, 4));
    }

    [Theory, MemberData(nameof(Backends))]
    public async Task Echo_HundredMegabytes_ComeBackUnchanged(TransportBackend backend)
    {
        const int TotalBytes = 100_000_000;
        EchoHandler? handler = null;
        using var server = new TestServer(backend, 1, c => handler = new EchoHandler(c));
        using Socket client = server.Connect();
        byte[] sent = new byte[TotalBytes];
        new Random(1).NextBytes(sent);

        Task sending = Task.Run(() => client.Send(sent));
        byte[] received = TestServer.ReceiveExactly(client, TotalBytes);
        await sending;

        Assert.True(sent.AsSpan().SequenceEqual(received));
        Assert.False(handler!.WasOffLoop);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Frame_OfHundredMegabytes_ArrivesInABufferOfItsSize(TransportBackend backend)
    {
        const int BodyBytes = 100_000_000;
        FrameHandler? handler = null;
        using var server = new TestServer(backend, 1, c => handler = new FrameHandler(c));
        using Socket client = server.Connect();
        byte[] body = new byte[BodyBytes];
        new Random(2).NextBytes(body);

        client.Send(BitConverter.GetBytes(BodyBytes));
        client.Send(body);

        byte[] answer = TestServer.ReceiveExactly(client, 8);
        Assert.Equal(BodyBytes, BitConverter.ToInt32(answer));
        Assert.Equal(FrameHandler.Checksum(body), BitConverter.ToUInt32(answer, 4));
        Assert.InRange(handler!.PeakCapacity, BodyBytes, BodyBytes + (64 * 1024));
        long left = TestServer.OnLoop(handler.Connection.Loop, () => handler.Connection.Input.Capacity);
        Assert.Equal(0, left);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Frame_ClaimingTwoGigabytes_AllocatesOnlyWhatArrives(TransportBackend backend)
    {
        FrameHandler? handler = null;
        using var server = new TestServer(backend, 1, c => handler = new FrameHandler(c));
        using Socket client = server.Connect();

        client.Send([.. BitConverter.GetBytes(int.MaxValue - 100), 1, 2, 3]);

        TransportConnection connection = server.WaitForConnection();
        TestServer.WaitUntil(() => TestServer.OnLoop(connection.Loop, () => connection.Input.Length) == 7);
        Assert.InRange(TestServer.OnLoop(connection.Loop, () => connection.Input.Capacity), 7, 64 * 1024);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Echo_FortyClientsOnTwoLoops_AreSpreadEvenly(TransportBackend backend)
    {
        using var server = new TestServer(backend, 2, c => new EchoHandler(c));
        Socket[] clients = [.. Enumerable.Range(0, 40).Select(_ => server.Connect())];

        for (int i = 0; i < clients.Length; i++)
            clients[i].Send(BitConverter.GetBytes(i));

        for (int i = 0; i < clients.Length; i++)
            Assert.Equal(i, BitConverter.ToInt32(TestServer.ReceiveExactly(clients[i], 4)));
        Assert.All(server.Transport.Loops, loop => Assert.Equal(20, loop.ConnectionCount));
        Array.ForEach(clients, client => client.Dispose());
        TestServer.WaitUntil(() => server.OpenConnections == 0);
        Assert.Empty(server.Errors);
    }
}

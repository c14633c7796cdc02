using System.Net.Sockets;
using System.Text;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Tests.Transport;

public sealed class ConnectionTests
{
    public static TheoryData<TransportBackend> Backends => TestServer.Backends;

    [Theory, MemberData(nameof(Backends))]
    public void Idle_TwoThousandConnections_HoldNoBuffersAndAllAnswer(TransportBackend backend)
    {
        const int Count = 2000;
        using var server = new TestServer(backend, 2, c => new EchoHandler(c));
        Socket[] clients = [.. Enumerable.Range(0, Count).Select(_ => server.Connect())];
        TestServer.WaitUntil(() => server.Connections.Count == Count);

        foreach (Socket client in clients)
            client.Send("x"u8);
        foreach (Socket client in clients)
            Assert.Equal("x"u8, TestServer.ReceiveExactly(client, 1));

        TestServer.WaitUntil(() => server.Transport.Loops.Sum(loop => TestServer.OnLoop(loop, () => HeldBytes(loop))) == 0);
        Array.ForEach(clients, client => client.Dispose());
        TestServer.WaitUntil(() => server.OpenConnections == 0);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Reader_ThatStops_HoldsNobodyUpAndGetsEverythingLater(TransportBackend backend)
    {
        const int OutputBytes = 64 * 1024 * 1024;
        RecordingHandler? slowHandler = null;
        using var server = new TestServer(backend, 1, c => slowHandler == null ? slowHandler = new RecordingHandler(c) : new EchoHandler(c));
        using Socket slow = server.Connect();
        TransportConnection connection = server.WaitForConnection();

        TestServer.OnLoop(connection.Loop, () => Fill(connection, OutputBytes));
        TestServer.WaitUntil(() => TestServer.OnLoop(connection.Loop, () => connection.IsSendBlocked));
        using Socket quick = server.Connect();
        quick.Send("quick"u8);
        Assert.Equal("quick"u8, TestServer.ReceiveExactly(quick, 5));
        Assert.InRange(TestServer.OnLoop(connection.Loop, () => connection.Output.AllocatedBytes), 1, OutputBytes + (64 * 1024));
        Assert.Equal(0, slowHandler!.DrainedCalls);

        byte[] received = TestServer.ReceiveExactly(slow, OutputBytes);
        Assert.Equal(-1, received.AsSpan().IndexOfAnyExcept((byte)'o'));
        TestServer.WaitUntil(() => slowHandler.DrainedCalls == 1);
        Assert.Equal(0, TestServer.OnLoop(connection.Loop, () => connection.Output.Length));
    }

    [Theory, MemberData(nameof(Backends))]
    public void ReadingPaused_UntilCleared_HandsNothingOver(TransportBackend backend)
    {
        RecordingHandler? paused = null;
        using var server = new TestServer(backend, 1, c => paused == null ? paused = Paused(c) : new EchoHandler(c));
        using Socket client = server.Connect();
        client.Send("waits"u8);
        TransportConnection connection = server.WaitForConnection();

        // A second client's round trip takes the loop past the first one's events.
        using Socket other = server.Connect();
        other.Send("x"u8);
        TestServer.ReceiveExactly(other, 1);
        Assert.Equal(0, TestServer.OnLoop(connection.Loop, () => connection.Input.Length));
        Assert.Equal(0, paused!.ReceivedBytes);

        TestServer.OnLoop(connection.Loop, () => connection.ReadingPaused = false);
        TestServer.WaitUntil(() => paused.ReceivedBytes == 5);
    }

    [Theory, MemberData(nameof(Backends))]
    public void HalfClose_AfterARequest_IsAnsweredThenClosed(TransportBackend backend)
    {
        EchoHandler? handler = null;
        using var server = new TestServer(backend, 1, c => handler = new EchoHandler(c));
        using Socket client = server.Connect();

        client.Send("last words"u8);
        client.Shutdown(SocketShutdown.Send);

        Assert.Equal("last words", ReadToEnd(client));
        TestServer.WaitUntil(() => handler!.ClosedCalls == 1);
    }

    [Theory, MemberData(nameof(Backends))]
    public void CloseAfterFlush_WithUnreadInput_StillDeliversEverything(TransportBackend backend)
    {
        const int OutputBytes = 8 * 1024 * 1024;
        using var server = new TestServer(backend, 1, Paused);
        using Socket client = server.Connect();
        client.Send(new byte[10_000]);
        TransportConnection connection = server.WaitForConnection();

        TestServer.OnLoop(connection.Loop, () =>
        {
            Fill(connection, OutputBytes);
            connection.CloseAfterFlush();
            return true;
        });

        Assert.Equal(OutputBytes, ReadToEnd(client).Length);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Close_WithBytesInTheKernel_StillDeliversThose(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, c => new RecordingHandler(c));
        using Socket client = server.Connect();
        TransportConnection connection = server.WaitForConnection();

        TestServer.OnLoop(connection.Loop, () =>
        {
            Fill(connection, 256 * 1024);
            connection.Close();
            return true;
        });

        Assert.NotEmpty(ReadToEnd(client));
        TestServer.WaitUntil(() => server.OpenConnections == 0);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Accept_ReturningNull_SendsWhatWasWrittenAndCloses(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, c =>
        {
            c.Output.Append("-ERR max number of clients reached\r\n"u8);
            return null;
        });
        using Socket client = server.Connect();

        Assert.Equal("-ERR max number of clients reached\r\n", ReadToEnd(client));
        TestServer.WaitUntil(() => server.OpenConnections == 0);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Handler_ThatThrows_LosesItsConnectionOnly(TransportBackend backend)
    {
        int accepted = 0;
        using var server = new TestServer(backend, 1, c => accepted++ == 0 ? new ThrowingHandler(c) : new EchoHandler(c));
        using Socket bad = server.Connect();
        using Socket good = server.Connect();

        bad.Send("boom"u8);
        Assert.Equal("", ReadToEnd(bad));
        good.Send("fine"u8);

        Assert.Equal("fine"u8, TestServer.ReceiveExactly(good, 4));
        Assert.Equal("boom", Assert.Single(server.Errors).Message);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Close_FromEverySideAtOnce_TellsTheHandlerOnce(TransportBackend backend)
    {
        const int Count = 200;
        var handlers = new List<RecordingHandler>();
        using var server = new TestServer(backend, 2, c =>
        {
            var handler = new EchoHandler(c);
            lock (handlers)
                handlers.Add(handler);
            return handler;
        });
        Socket[] clients = [.. Enumerable.Range(0, Count).Select(_ => server.Connect())];
        TestServer.WaitUntil(() => server.Connections.Count == Count);
        TransportConnection[] connections = [.. server.Connections];

        Parallel.For(0, Count, i =>
        {
            // Accepting order is not connecting order, so the peer of this client may be closed already.
            clients[i].Send(new byte[100], 0, 100, SocketFlags.None, out _);
            connections[i].RequestFlush();
            connections[i].RequestClose();
            connections[i].Loop.Post(connections[i].CloseAfterFlush);
            connections[i].Loop.Post(connections[i].Close);
            clients[i].Dispose();
            connections[i].RequestFlush();
        });

        TestServer.WaitUntil(() => server.OpenConnections == 0);
        Assert.All(handlers, handler => Assert.Equal(1, handler.ClosedCalls));
        Assert.All(handlers, handler => Assert.False(handler.WasOffLoop));
        Assert.Empty(server.Errors);
    }

    [Theory, MemberData(nameof(Backends))]
    public void Dispose_OfTheServer_ClosesEveryConnection(TransportBackend backend)
    {
        EchoHandler? handler = null;
        var server = new TestServer(backend, 1, c => handler = new EchoHandler(c));
        using Socket client = server.Connect();
        server.WaitForConnection();

        server.Dispose();

        Assert.Equal(1, handler!.ClosedCalls);
        Assert.Equal("", ReadToEnd(client));
    }

    [Theory, MemberData(nameof(Backends))]
    public void RequestFlush_FromAnotherThread_SendsTheOutput(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, c => new RecordingHandler(c));
        using Socket client = server.Connect();
        TransportConnection connection = server.WaitForConnection();

        TestServer.OnLoop(connection.Loop, () => Write(connection, "pushed"));
        connection.RequestFlush();

        Assert.Equal("pushed"u8, TestServer.ReceiveExactly(client, 6));
    }

    [Theory, MemberData(nameof(Backends))]
    public void PingPong_OnAWarmLoop_AllocatesNothing(TransportBackend backend)
    {
        using var server = new TestServer(backend, 1, c => new EchoHandler(c));
        using Socket client = server.Connect();
        TransportConnection connection = server.WaitForConnection();
        byte[] message = new byte[100];
        PingPong(client, message, 2000);

        long before = TestServer.OnLoop(connection.Loop, GC.GetAllocatedBytesForCurrentThread);
        PingPong(client, message, 2000);
        long after = TestServer.OnLoop(connection.Loop, GC.GetAllocatedBytesForCurrentThread);

        // The idle sweep's timer and the measurement itself allocate a few objects.
        Assert.InRange(after - before, 0, 2000);
    }

    private static void PingPong(Socket client, byte[] message, int rounds)
    {
        for (int i = 0; i < rounds; i++)
        {
            client.Send(message);
            for (int received = 0; received < message.Length;)
                received += client.Receive(message, received, message.Length - received, SocketFlags.None);
        }
    }

    private static RecordingHandler Paused(TransportConnection connection)
    {
        connection.ReadingPaused = true;
        return new RecordingHandler(connection);
    }

    private static long HeldBytes(IoLoop loop) => loop.Connections.Sum(c => c.Input.Capacity + c.Output.AllocatedBytes);

    private static bool Fill(TransportConnection connection, int bytes)
    {
        byte[] block = new byte[64 * 1024];
        block.AsSpan().Fill((byte)'o');
        for (int written = 0; written < bytes; written += block.Length)
            connection.Output.Append(block);
        connection.Flush();
        return true;
    }

    private static bool Write(TransportConnection connection, string text)
    {
        connection.Output.Append(Encoding.ASCII.GetBytes(text));
        return true;
    }

    private static string ReadToEnd(Socket client)
    {
        var all = new MemoryStream();
        byte[] block = new byte[64 * 1024];
        while (client.Receive(block) is > 0 and int received)
            all.Write(block, 0, received);
        return Encoding.ASCII.GetString(all.ToArray());
    }

    private sealed class ThrowingHandler(TransportConnection connection) : RecordingHandler(connection)
    {
        public override void OnData() => throw new InvalidOperationException("boom");
    }
}

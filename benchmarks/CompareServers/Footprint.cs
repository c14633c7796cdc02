using System.Buffers.Text;
using System.Net.Sockets;

namespace OrleansKv.CompareServers;

/// <summary>Resident memory of a fresh server process: empty, and with a million keys.</summary>
internal sealed record Footprint(long EmptyBytes, long LoadedBytes)
{
    public const int Keys = 1_000_000;

    private const int ValueBytes = 64;
    private const int Batch = 1000;

    public double BytesPerKey => (double)(LoadedBytes - EmptyBytes) / Keys;

    public static Footprint Measure(string commandLine)
    {
        using ServerProcess server = ServerProcess.Start(commandLine);
        long empty = server.ResidentBytes();
        using Socket socket = server.Connect();
        Load(socket);
        return new Footprint(empty, server.ResidentBytes());
    }

    // "key:000000000000" as redis-benchmark names them, but each exactly once.
    private static void Load(Socket socket)
    {
        byte[] request = [.. "*3\r\n$3\r\nSET\r\n$16\r\nkey:000000000000\r\n$64\r\n"u8, .. new byte[ValueBytes], .. "\r\n"u8];
        int digitsAt = request.AsSpan().IndexOf("000000000000"u8);
        request.AsSpan(request.Length - ValueBytes - 2, ValueBytes).Fill((byte)'x');
        var batch = new byte[request.Length * Batch];
        var replies = new byte["+OK\r\n".Length * Batch];
        for (int first = 0; first < Keys; first += Batch)
        {
            for (int i = 0; i < Batch; i++)
            {
                Utf8Formatter.TryFormat(first + i, request.AsSpan(digitsAt), out _, new System.Buffers.StandardFormat('D', 12));
                request.CopyTo(batch, i * request.Length);
            }
            SendAll(socket, batch);
            ReceiveAll(socket, replies);
        }
    }

    private static void SendAll(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[socket.Send(bytes)..];
    }

    private static void ReceiveAll(Socket socket, Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int received = socket.Receive(bytes);
            if (received == 0)
                throw new InvalidOperationException("the server closed the connection while it was being filled");
            bytes = bytes[received..];
        }
    }
}

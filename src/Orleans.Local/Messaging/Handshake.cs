// Stands for Orleans.Runtime.Messaging.ConnectionPreamble.
using System.Buffers.Binary;
using System.Net.Sockets;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>Who connects, and to whom: a silo to exactly one incarnation, a client to whatever silo is there.</summary>
internal sealed record Hello(string ClusterId, SiloAddress? Target, SiloAddress? Silo, Guid Client);

/// <summary>The silo that took the connection; otherwise why it did not.</summary>
internal sealed record Welcome(SiloAddress Silo, string? Refusal);

/// <summary>The two messages that open a connection, each with its length before it and a magic number and version at its beginning.</summary>
internal static class Handshake
{
    /// <summary>Bounds what a stranger can make us wait for and keep.</summary>
    private const int MaxBytes = 2048;

    private const uint Magic = 0x014B_4C4F;

    public static Task SendAsync(Socket socket, Hello hello, CancellationToken cancellationToken) => SendAsync(
        socket,
        writer =>
        {
            writer.WriteString(hello.ClusterId);
            Codecs.Of<SiloAddress?>().Write(writer, hello.Target);
            Codecs.Of<SiloAddress?>().Write(writer, hello.Silo);
            Codecs.Of<Guid>().Write(writer, hello.Client);
        },
        cancellationToken);

    public static Task SendAsync(Socket socket, Welcome welcome, CancellationToken cancellationToken) => SendAsync(
        socket,
        writer =>
        {
            BasicCodecs.WriteSilo(writer, welcome.Silo);
            Codecs.Of<string?>().Write(writer, welcome.Refusal);
        },
        cancellationToken);

    public static async Task<Hello> ReceiveHelloAsync(Socket socket, CancellationToken cancellationToken)
    {
        var reader = await ReceiveAsync(socket, cancellationToken);
        return new(
            reader.ReadString(), Codecs.Of<SiloAddress?>().Read(reader), Codecs.Of<SiloAddress?>().Read(reader), Codecs.Of<Guid>().Read(reader));
    }

    public static async Task<Welcome> ReceiveWelcomeAsync(Socket socket, CancellationToken cancellationToken)
    {
        var reader = await ReceiveAsync(socket, cancellationToken);
        return new(BasicCodecs.ReadSilo(reader), Codecs.Of<string?>().Read(reader));
    }

    private static async Task SendAsync(Socket socket, Action<WireWriter> write, CancellationToken cancellationToken)
    {
        var writer = new WireWriter(MaxBytes);
        int start = writer.BeginLength();
        writer.WriteUInt32(Magic);
        write(writer);
        writer.EndLength(start);
        await socket.SendAsync(writer.Buffer.AsMemory(0, writer.Length), cancellationToken);
    }

    private static async Task<WireReader> ReceiveAsync(Socket socket, CancellationToken cancellationToken)
    {
        byte[] head = await ReceiveExactlyAsync(socket, sizeof(uint), cancellationToken);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(head);
        if (length > MaxBytes)
            throw new SerializerException($"A handshake of {length} bytes.");
        var reader = new WireReader(null);
        reader.Reset(await ReceiveExactlyAsync(socket, (int)length, cancellationToken), 0, (int)length);
        return reader.ReadUInt32() == Magic ? reader : throw new SerializerException("A handshake of another protocol or version.");
    }

    private static async Task<byte[]> ReceiveExactlyAsync(Socket socket, int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        for (int received = 0; received < count;)
        {
            int read = await socket.ReceiveAsync(bytes.AsMemory(received), cancellationToken);
            if (read == 0)
                throw new SocketException((int)SocketError.ConnectionReset);
            received += read;
        }

        return bytes;
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansKv.Drill.Client;

/// <summary>
/// A blocking RESP2 connection to a node's port; one request at a time, one thread at a time. Every failure is a
/// <see cref="SocketException"/> or an <see cref="IOException"/>, after which the connection is of no further use.
/// </summary>
internal sealed class RespConnection : IDisposable
{
    private static readonly Reply[] NoItems = [];

    private readonly Socket _socket;
    private readonly StringBuilder _request = new();
    private byte[] _out = new byte[512];
    private byte[] _in = new byte[4096];
    private int _start;
    private int _end;

    private RespConnection(Socket socket) => _socket = socket;

    /// <summary>Connects within the time that every later wait has, too; a process that is stopped may have no room left for connections.</summary>
    public static RespConnection Connect(int port, int timeoutMs)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            ConnectWithin(socket, port, timeoutMs);
            socket.NoDelay = true;
            socket.ReceiveTimeout = timeoutMs;
            socket.SendTimeout = timeoutMs;
            return new RespConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Sends one command and waits for its reply.</summary>
    public Reply Call(params ReadOnlySpan<string> words)
    {
        Send(words);
        return Read();
    }

    public void Send(params ReadOnlySpan<string> words)
    {
        _request.Clear().Append(CultureInfo.InvariantCulture, $"*{words.Length}\r\n");
        foreach (string word in words)
            _request.Append(CultureInfo.InvariantCulture, $"${word.Length}\r\n{word}\r\n");
        if (_out.Length < _request.Length)
            _out = new byte[_request.Length * 2];
        int length = 0;
        foreach (ReadOnlyMemory<char> chunk in _request.GetChunks())
            length += Encoding.Latin1.GetBytes(chunk.Span, _out.AsSpan(length));
        for (int sent = 0; sent < length;)
            sent += _socket.Send(_out.AsSpan(sent, length - sent));
    }

    public Reply Read()
    {
        string line = ReadLine();
        string rest = line[1..];
        return line[0] switch
        {
            '+' or '-' or ':' => new Reply(line[0], rest, NoItems),
            '$' => ReadBulk(Length(rest)),
            '*' => ReadItems(Length(rest)),
            _ => throw new IOException($"not a RESP2 reply: {line}"),
        };
    }

    private static void ConnectWithin(Socket socket, int port, int timeoutMs)
    {
        socket.Blocking = false;
        try
        {
            socket.Connect(Endpoints.HostOf(port), port);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            if (!socket.Poll(TimeSpan.FromMilliseconds(timeoutMs), SelectMode.SelectWrite))
                throw new SocketException((int)SocketError.TimedOut);
            int error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
            if (error != 0)
                throw new SocketException(error);
        }
        socket.Blocking = true;
    }

    private static int Length(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private Reply ReadBulk(int length)
    {
        if (length < 0)
            return new Reply('$', null, NoItems);
        while (_end - _start < length + 2)
            Fill();
        string text = Encoding.Latin1.GetString(_in, _start, length);
        _start += length + 2;
        return new Reply('$', text, NoItems);
    }

    private Reply ReadItems(int count)
    {
        if (count < 0)
            return new Reply('*', null, NoItems);
        var items = new Reply[count];
        for (int i = 0; i < count; i++)
            items[i] = Read();
        return new Reply('*', "", items);
    }

    private string ReadLine()
    {
        int scanned = 0;
        while (true)
        {
            int at = _in.AsSpan(_start + scanned, _end - _start - scanned).IndexOf("\r\n"u8);
            if (at >= 0)
            {
                string line = Encoding.Latin1.GetString(_in, _start, scanned + at);
                _start += scanned + at + 2;
                return line.Length > 0 ? line : throw new IOException("an empty line where a reply should be");
            }
            // The last byte may be the CR of a line end that is still to come.
            scanned = Math.Max(0, _end - _start - 1);
            Fill();
        }
    }

    private void Fill()
    {
        _in.AsSpan(_start, _end - _start).CopyTo(_in);
        _end -= _start;
        _start = 0;
        if (_end == _in.Length)
            Array.Resize(ref _in, _in.Length * 2);
        int received = _socket.Receive(_in.AsSpan(_end));
        if (received == 0)
            throw new IOException("the server closed the connection");
        _end += received;
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansKv.Support;

/// <summary>
/// A blocking RESP client for tests: commands are queued by <see cref="Send"/>, leave with <see cref="Flush"/>, and replies are read one by
/// one, pushes included, in the order in which the server sent them. Every wait is bounded. Not safe for several threads.
/// </summary>
public sealed class RespClient : IDisposable
{
    private readonly Socket _socket;
    private readonly MemoryStream _out = new();
    private byte[] _in = new byte[64 * 1024];
    private int _start;
    private int _end;

    private RespClient(Socket socket) => _socket = socket;

    public static RespClient Connect(int port, int timeoutMs = 10_000)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = timeoutMs,
            SendTimeout = timeoutMs,
        };
        try
        {
            socket.Connect(IPAddress.Loopback, port);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        return new RespClient(socket);
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Sends one command and waits for its reply.</summary>
    public RespValue Call(params IReadOnlyList<string> args)
    {
        Send(args);
        Flush();
        return Read();
    }

    /// <summary>Queues a command; nothing leaves before <see cref="Flush"/>.</summary>
    public void Send(IReadOnlyList<string> args)
    {
        WriteText($"*{args.Count}\r\n");
        foreach (string arg in args)
        {
            WriteText($"${arg.Length}\r\n");
            WriteText(arg);
            WriteText("\r\n");
        }
    }

    /// <summary>Queues bytes as they are, one per character.</summary>
    public void SendRaw(string bytes) => WriteText(bytes);

    public void Flush()
    {
        ReadOnlySpan<byte> rest = _out.GetBuffer().AsSpan(0, (int)_out.Length);
        while (!rest.IsEmpty)
            rest = rest[_socket.Send(rest)..];
        _out.SetLength(0);
    }

    /// <summary>Reads one reply; throws <see cref="IOException"/> when the server closed or stayed silent.</summary>
    public RespValue Read()
    {
        string line = ReadLine();
        string rest = line[1..];
        return line[0] switch
        {
            '+' => new RespValue(RespKind.SimpleString, rest),
            '-' => new RespValue(RespKind.Error, rest),
            ':' => new RespValue(RespKind.Integer, rest),
            ',' => new RespValue(RespKind.Double, rest),
            '#' => new RespValue(RespKind.Boolean, rest),
            '(' => new RespValue(RespKind.BigNumber, rest),
            '_' => new RespValue(RespKind.Null, ""),
            '$' => ReadBulk(RespKind.BulkString, rest),
            '=' => ReadBulk(RespKind.Verbatim, rest),
            '!' => ReadBulk(RespKind.Error, rest),
            '*' => ReadItems(RespKind.Array, rest, 1),
            '%' => ReadItems(RespKind.Map, rest, 2),
            '~' => ReadItems(RespKind.Set, rest, 1),
            '>' => ReadItems(RespKind.Push, rest, 1),
            _ => throw new IOException($"not a reply: {RespValue.Quote(line)}"),
        };
    }

    /// <summary>True where something has arrived that is not read yet.</summary>
    public bool HasReceived => _end > _start || _socket.Available > 0;

    /// <summary>True when the server closes the connection within the client's time limit; what it still sends is dropped.</summary>
    public bool WaitForClose()
    {
        try
        {
            while (_socket.Receive(_in) > 0)
            {
            }
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted;
        }
    }

    private void WriteText(string text)
    {
        Span<byte> bytes = text.Length <= 256 ? stackalloc byte[text.Length] : new byte[text.Length];
        Encoding.Latin1.GetBytes(text, bytes);
        _out.Write(bytes);
    }

    private RespValue ReadBulk(RespKind kind, string lengthText)
    {
        int length = int.Parse(lengthText, CultureInfo.InvariantCulture);
        if (length < 0)
            return new RespValue(RespKind.NullBulk, "");
        while (_end - _start < length + 2)
            Fill();
        string text = Encoding.Latin1.GetString(_in, _start, length);
        if (_in[_start + length] != '\r' || _in[_start + length + 1] != '\n')
            throw new IOException($"a bulk string of {length} bytes that does not end there");
        _start += length + 2;
        return new RespValue(kind, text);
    }

    private RespValue ReadItems(RespKind kind, string countText, int perEntry)
    {
        int count = int.Parse(countText, CultureInfo.InvariantCulture);
        if (count < 0)
            return new RespValue(RespKind.NullArray, "");
        var items = new RespValue[count * perEntry];
        for (int i = 0; i < items.Length; i++)
            items[i] = Read();
        return new RespValue(kind, "", items);
    }

    private string ReadLine()
    {
        int scanned = 0;
        while (true)
        {
            int at = _in.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (at >= 0)
            {
                int length = scanned + at;
                if (length < 2 || _in[_start + length - 1] != '\r')
                    throw new IOException("a reply line that does not end in CRLF");
                string line = Encoding.Latin1.GetString(_in, _start, length - 1);
                _start += length + 1;
                return line;
            }
            scanned = _end - _start;
            Fill();
        }
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _in.AsSpan(_start, _end - _start).CopyTo(_in);
            _end -= _start;
            _start = 0;
        }
        if (_end == _in.Length)
            Array.Resize(ref _in, _in.Length * 2);
        int received;
        try
        {
            received = _socket.Receive(_in.AsSpan(_end));
        }
        catch (SocketException e)
        {
            string what = e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock ? "no reply in time" : e.Message;
            throw new IOException(what, e);
        }
        if (received == 0)
            throw new IOException("the server closed the connection");
        _end += received;
    }
}

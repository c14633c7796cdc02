using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansKv.Cluster.Tests;

/// <summary>
/// A server in this process that does the few commands of the drill and misbehaves to order: forgets, invents, refuses, redirects, hangs up.
/// The drill must notice; so its own mistakes cannot hide behind a server that happens to be right.
/// </summary>
internal sealed class FakeServer : IDisposable
{
    /// <summary>As an interceptor's answer: the connection is closed, and the command is not executed.</summary>
    public const string HangUp = "hang up";

    /// <summary>As an interceptor's answer: the command is executed, and the connection is closed.</summary>
    public const string DoAndHangUp = "do and hang up";

    /// <summary>As an interceptor's answer: nothing is executed or answered.</summary>
    public const string Ignore = "ignore";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _sockets = [];
    private readonly object _lock = new();
    private Dictionary<string, List<string>> _data = [];
    private Dictionary<string, List<string>> _kept = [];
    private bool _isGone;

    public FakeServer()
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        new Thread(Accept) { IsBackground = true }.Start();
    }

    public int Port { get; }

    /// <summary>Sees each command first; gives the reply's bytes, one of the constants above, or null to let it be executed.</summary>
    public Func<string[], string?> Intercept { get; set; } = _ => null;

    /// <summary>Keeps what is there now, for <see cref="Forget"/> and <see cref="OldValue"/>.</summary>
    public void Keep()
    {
        lock (_lock)
            _kept = _data.ToDictionary(entry => entry.Key, entry => entry.Value.ToList());
    }

    /// <summary>Goes back to what was kept.</summary>
    public void Forget()
    {
        lock (_lock)
            _data = _kept.ToDictionary(entry => entry.Key, entry => entry.Value.ToList());
    }

    /// <summary>The reply to GET when this was kept.</summary>
    public string OldValue(string key)
    {
        lock (_lock)
            return Bulk(_kept.GetValueOrDefault(key)?[0]);
    }

    /// <summary>Executes a command and gives its reply's bytes.</summary>
    public string Execute(params string[] command)
    {
        lock (_lock)
            return ExecuteLocked(command);
    }

    public void Dispose()
    {
        _listener.Dispose();
        lock (_lock)
        {
            _isGone = true;
            _sockets.ForEach(socket => socket.Dispose());
        }
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket socket = _listener.AcceptSocket();
                lock (_lock)
                {
                    _sockets.Add(socket);
                    if (_isGone)
                        socket.Dispose();
                }
                new Thread(() => Serve(socket)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    private void Serve(Socket socket)
    {
        try
        {
            using var stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            while (ReadCommand(reader) is { } command)
            {
                string? answer = Intercept(command);
                if (answer == Ignore)
                    continue;
                if (answer == HangUp)
                    return;
                string reply = answer is null or DoAndHangUp ? Execute(command) : answer;
                if (answer == DoAndHangUp)
                    return;
                stream.Write(Encoding.Latin1.GetBytes(reply));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
        }
    }

    // "*2", "$3", "GET", "$1", "k": no value of the drill has a line end in it.
    private static string[]? ReadCommand(StreamReader reader)
    {
        if (reader.ReadLine() is not { } head)
            return null;
        var words = new string[int.Parse(head.AsSpan(1), CultureInfo.InvariantCulture)];
        for (int i = 0; i < words.Length; i++)
        {
            reader.ReadLine();
            words[i] = reader.ReadLine()!;
        }
        return words;
    }

    private string ExecuteLocked(string[] command)
    {
        switch (command[0])
        {
            case "SET":
                _data[command[1]] = [command[2]];
                return "+OK\r\n";
            case "GET":
                return Bulk(_data.GetValueOrDefault(command[1])?[0]);
            case "INCR":
                long number = long.Parse(_data.GetValueOrDefault(command[1])?[0] ?? "0", CultureInfo.InvariantCulture) + 1;
                _data[command[1]] = [$"{number}"];
                return $":{number}\r\n";
            case "RPUSH":
                if (!_data.TryGetValue(command[1], out List<string>? list))
                    _data[command[1]] = list = [];
                list.Add(command[2]);
                return $":{list.Count}\r\n";
            case "LRANGE":
                List<string> elements = _data.GetValueOrDefault(command[1]) ?? [];
                return $"*{elements.Count}\r\n{string.Concat(elements.Select(Bulk))}";
            case "WAIT":
                return ":1\r\n";
            default:
                return "+OK\r\n";
        }
    }

    private static string Bulk(string? text) => text is null ? "$-1\r\n" : $"${text.Length}\r\n{text}\r\n";
}

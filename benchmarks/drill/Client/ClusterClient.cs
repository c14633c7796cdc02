using System.Globalization;
using System.Net.Sockets;

namespace OrleansKv.Drill.Client;

/// <summary>
/// A small client of a cluster on this machine, for one thread: learns where slots are from MOVED, follows ASK, connects again, and tells
/// apart what was certainly not executed from what may have been. It tries each command once; repeating is up to the caller. A node that
/// just failed is left alone for a moment, so that the caller hears from the others as soon as they know better.
/// </summary>
internal sealed class ClusterClient(IReadOnlyList<int> ports, int timeoutMs, Random random, ErrorCounts errors, TimeProvider time) : IDisposable
{
    private const int MaxHops = 5;
    private const int AvoidMs = 200;
    private const int MaxErrorLength = 60;

    private readonly Dictionary<int, RespConnection> _connections = [];
    private readonly Dictionary<int, long> _failedAt = [];
    private readonly int[] _portOfSlot = new int[HashSlot.Count];
    private bool _isDisposed;

    public Outcome Call(int slot, params ReadOnlySpan<string> words)
    {
        int port = _portOfSlot[slot] != 0 ? _portOfSlot[slot] : AnyPort();
        bool asking = false;
        for (int hop = 0; hop < MaxHops; hop++)
        {
            Outcome outcome = Try(slot, port, asking, words);
            if (outcome.Fate != Fate.Done)
                return outcome;
            if (!outcome.Reply!.IsError)
            {
                if (!asking)
                    _portOfSlot[slot] = port;
                return outcome;
            }
            Reply error = outcome.Reply;
            if (error.ErrorKind is not ("MOVED" or "ASK"))
            {
                // "ERR" alone says nothing.
                errors.Add(error.ErrorKind == "ERR" ? error.Text![..Math.Min(error.Text!.Length, MaxErrorLength)] : error.ErrorKind);
                Forget(slot);
                return Outcome.Refused;
            }
            // "MOVED 3999 127.0.0.1:6381"
            port = int.Parse(error.Text!.AsSpan(error.Text!.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);
            asking = error.ErrorKind == "ASK";
            if (!asking)
                _portOfSlot[slot] = port;
            if (FailedJustNow(port))
            {
                errors.Add($"{error.ErrorKind} to a node that fails");
                Forget(slot);
                return Outcome.Refused;
            }
        }
        errors.Add("too many redirections");
        Forget(slot);
        return Outcome.Refused;
    }

    /// <summary>May be called by another thread: a call that waits for its reply then ends at once.</summary>
    public void Dispose()
    {
        lock (_connections)
        {
            _isDisposed = true;
            foreach (RespConnection connection in _connections.Values)
                connection.Dispose();
            _connections.Clear();
        }
    }

    private Outcome Try(int slot, int port, bool asking, ReadOnlySpan<string> words)
    {
        RespConnection connection;
        try
        {
            connection = Connection(port);
        }
        catch (SocketException e)
        {
            Fail(slot, port, $"connect: {e.SocketErrorCode}");
            return Outcome.Refused;
        }
        try
        {
            if (asking)
                connection.Call("ASKING");
            return Outcome.Done(connection.Call(words));
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            Fail(slot, port, e is SocketException socket ? Name(socket.SocketErrorCode) : "closed");
            return Outcome.Unknown;
        }
    }

    private RespConnection Connection(int port)
    {
        lock (_connections)
        {
            if (_connections.TryGetValue(port, out RespConnection? open))
                return open;
        }
        var connection = RespConnection.Connect(port, timeoutMs);
        lock (_connections)
        {
            if (_isDisposed)
            {
                connection.Dispose();
                throw new SocketException((int)SocketError.Shutdown);
            }
            _connections[port] = connection;
        }
        return connection;
    }

    private void Fail(int slot, int port, string kind)
    {
        errors.Add(kind);
        Forget(slot);
        _failedAt[port] = time.GetTimestamp();
        lock (_connections)
        {
            if (_connections.Remove(port, out RespConnection? connection))
                connection.Dispose();
        }
    }

    private void Forget(int slot) => _portOfSlot[slot] = 0;

    private bool FailedJustNow(int port) =>
        _failedAt.TryGetValue(port, out long at) && time.GetElapsedTime(at).TotalMilliseconds < AvoidMs;

    private int AnyPort()
    {
        int first = random.Next(ports.Count);
        for (int i = 0; i < ports.Count; i++)
        {
            int port = ports[(first + i) % ports.Count];
            if (!FailedJustNow(port))
                return port;
        }
        return ports[first];
    }

    // A receive time limit is reported as either.
    private static string Name(SocketError error) => error is SocketError.TimedOut or SocketError.WouldBlock ? "timeout" : $"{error}";
}

// Stands for the sending half of Orleans.Runtime.Messaging.Connection.
using System.Net.Sockets;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Frames on their way out. They are written one behind the other into one buffer while the other is being sent, so that what came
/// together during a send leaves in one. Calls are refused while too much waits; answers are not, but far beyond that the link is closed,
/// since then its peer does not read.
/// </summary>
internal sealed class LinkWriter(Socket socket, LinkLimits limits, Action<Exception?> close) : IThreadPoolWorkItem
{
    private const int KeptBufferBytes = 1 << 20;

    private readonly Lock _gate = new();
    private WireWriter _filling = new();
    private WireWriter _sending = new();
    private bool _isScheduled;
    private bool _isClosed;

    public bool IsIdle
    {
        get
        {
            lock (_gate)
                return !_isScheduled;
        }
    }

    /// <summary>Writes a frame; false if the link is closed. What the body throws is thrown on, and nothing is sent.</summary>
    public bool TryWrite<TState>(FrameKind kind, long id, TState state, Action<WireWriter, TState> body)
    {
        lock (_gate)
        {
            if (_isClosed)
                return false;
            int before = _filling.Length;
            if (before > limits.MaxWaitingBytes)
                Refuse(kind);
            try
            {
                int start = _filling.BeginLength();
                _filling.WriteByte((byte)kind);
                _filling.WriteVarint((ulong)id);
                _filling.BeginValue();
                body(_filling, state);
                if (_filling.Length - start > limits.MaxFrameBytes)
                    throw new SerializerException($"A message of {_filling.Length - start} bytes; at most {limits.MaxFrameBytes} are sent.");
                _filling.EndLength(start);
            }
            catch
            {
                _filling.Truncate(before);
                throw;
            }

            if (_isScheduled)
                return true;
            _isScheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        return true;
    }

    public void Close()
    {
        lock (_gate)
            _isClosed = true;
    }

    void IThreadPoolWorkItem.Execute() => _ = SendAllAsync();

    private void Refuse(FrameKind kind)
    {
        if (kind is FrameKind.Request or FrameKind.Ask)
            throw new OrleansMessageRejectionException($"More than {limits.MaxWaitingBytes} bytes wait to be sent on this connection.");
        if (_filling.Length > limits.MaxWaitingBytes + (long)limits.MaxFrameBytes)
            ThreadPool.UnsafeQueueUserWorkItem(_ => close(new SocketException((int)SocketError.NoBufferSpaceAvailable)), null);
    }

    private async Task SendAllAsync()
    {
        try
        {
            while (TrySwap())
            {
                var bytes = _sending.Buffer.AsMemory(0, _sending.Length);
                while (!bytes.IsEmpty)
                    bytes = bytes[await socket.SendAsync(bytes)..];
                _sending.Reset(KeptBufferBytes);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            close(exception);
        }
    }

    private bool TrySwap()
    {
        lock (_gate)
        {
            _isScheduled = _filling.Length > 0 && !_isClosed;
            if (_isScheduled)
                (_filling, _sending) = (_sending, _filling);
            return _isScheduled;
        }
    }
}

/// <summary>What a link may hold, in bytes.</summary>
internal sealed record LinkLimits(int MaxFrameBytes, int MaxWaitingBytes)
{
    private const int WaitingBytes = 64 << 20;

    /// <summary>Room in a frame for what is not a message's body.</summary>
    private const int HeadBytes = 64 << 10;

    public static LinkLimits Of(global::Orleans.Configuration.MessagingOptions options) =>
        new(Math.Min(options.MaxMessageBodySize, Array.MaxLength / 2) + HeadBytes, WaitingBytes);
}

// Stands for Orleans.Runtime.Messaging.Connection, SiloConnection, GatewayInboundConnection and ClientOutboundConnection.
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>What the owner of a link does with what arrives on it. Called one at a time, by the link's reader, which waits meanwhile.</summary>
internal interface ILinkHandler
{
    void ReceiveCall(Link link, IncomingCall call);

    /// <summary>The answer to a question of the other side; an exception is answered as such.</summary>
    Task<object?> AnswerAsync(Link link, object question);

    void Hear(Link link, object told);
}

/// <summary>
/// A connection to another process after its handshake; both sides call. A call and its answer take the same link, so when it closes,
/// for whatever reason, every call without an answer fails at once: whether it ran is unknown, and nothing is sent twice.
/// </summary>
internal sealed class Link
{
    private const int InitialBufferBytes = 64 << 10;
    private const int KeptBufferBytes = 1 << 20;

    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(5);

    private readonly Socket _socket;
    private readonly ILinkHandler _handler;
    private readonly LinkLimits _limits;
    private readonly LinkWriter _writer;
    private readonly WireReader _reader;
    private readonly ConcurrentDictionary<long, PendingReply> _pending = new();
    private readonly ConcurrentDictionary<long, CancellationTokenSource> _cancellable = new();
    private readonly TaskCompletionSource<Exception?> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastId;
    private int _isClosing;

    public Link(Socket socket, string peer, SiloAddress? silo, ILinkHandler handler, ICallRuntime runtime, LinkLimits limits)
    {
        _socket = socket;
        _handler = handler;
        _limits = limits;
        Peer = peer;
        Silo = silo;
        _writer = new(socket, limits, Close);
        _reader = new(runtime);
    }

    /// <summary>The name of the other side, for people.</summary>
    public string Peer { get; }

    /// <summary>The silo on the other side; null if that is a client.</summary>
    public SiloAddress? Silo { get; }

    /// <summary>Completes when the link is closed and all its calls have failed, with what closed it.</summary>
    public Task<Exception?> Closed => _closed.Task;

    /// <summary>Set by its owner: it is used only where there is no other.</summary>
    public volatile bool IsRetiring;

    public bool IsClosed => Volatile.Read(ref _isClosing) != 0;

    public void Start() => _ = Task.Run(ReadAsync);

    /// <summary>Sends the call, and ends it when its answer comes or the link closes. False if the link was closed: it is not sent.</summary>
    public bool TrySend(GrainCall call, RequestFlags flags)
    {
        if (call.Method.IsOneWay)
            return _writer.TryWrite(FrameKind.Request, 0, (call, flags | RequestFlags.OneWay), WriteRequest);
        var reply = new CallReply(this, Interlocked.Increment(ref _lastId), call);
        _pending.TryAdd(reply.Id, reply);
        call.SentAs(reply);
        bool isSent;
        try
        {
            isSent = _writer.TryWrite(FrameKind.Request, reply.Id, (call, flags), WriteRequest);
        }
        catch
        {
            Forget(reply.Id);
            throw;
        }

        // A link that is closed from here on fails the call, unless that came too early to see it.
        if (isSent && !IsClosed)
            return true;
        return !Forget(reply.Id) || FailSent(call, isSent);
    }

    public async Task<object?> AskAsync(object question, CancellationToken cancellationToken)
    {
        var reply = new QuestionReply(Interlocked.Increment(ref _lastId));
        _pending.TryAdd(reply.Id, reply);
        try
        {
            if (!_writer.TryWrite(FrameKind.Ask, reply.Id, question, WriteObject) || IsClosed)
                throw Unavailable(null);
            return await reply.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Forget(reply.Id);
        }
    }

    public void Tell(object told) => _writer.TryWrite(FrameKind.Tell, 0, told, WriteObject);

    public void SendResult(IncomingCall call, object? result)
    {
        _cancellable.TryRemove(call.Id, out _);
        try
        {
            _writer.TryWrite(FrameKind.Result, call.Id, (call.Method, result), static (writer, state) => state.Method.WriteResult(writer, state.result));
        }
        catch (SerializerException exception)
        {
            SendFailure(call.Id, exception);
        }
    }

    public void SendFailure(long id, Exception exception)
    {
        _cancellable.TryRemove(id, out _);
        try
        {
            _writer.TryWrite(FrameKind.Failure, id, exception, WriteException);
        }
        catch (SerializerException unwritable)
        {
            _writer.TryWrite(FrameKind.Failure, id, new OrleansException($"{exception.Message} ({unwritable.Message})"), WriteException);
        }
    }

    public void SendNotHere(long id, Redirection redirection)
    {
        _cancellable.TryRemove(id, out _);
        _writer.TryWrite(FrameKind.NotHere, id, redirection, static (writer, state) =>
        {
            writer.WriteByte(state.HasProgressed ? (byte)1 : (byte)0);
            writer.WriteSigned(state.ViewVersion);
            Codecs.Of<SiloAddress?>().Write(writer, state.Silo);
        });
    }

    public void SendCancel(long id) => _writer.TryWrite(FrameKind.Cancel, id, 0, static (_, _) => { });

    /// <summary>No longer waits for an answer; false if it was there already.</summary>
    public bool Forget(long id) => _pending.TryRemove(id, out _);

    /// <summary>Waits until nothing that was sent lacks an answer and nothing waits to be sent, or for as long as allowed.</summary>
    public async Task IdleAsync(TimeSpan limit, TimeProvider time)
    {
        using var poll = new PeriodicTimer(PollInterval, time);
        for (long start = time.GetTimestamp(); time.GetElapsedTime(start) < limit && !IsClosed;)
        {
            if (_pending.IsEmpty && _writer.IsIdle)
                return;
            await poll.WaitForNextTickAsync();
        }
    }

    public void Close(Exception? reason)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) != 0)
            return;
        _writer.Close();
        _socket.Dispose();
        foreach (var id in _pending.Keys)
        {
            if (_pending.TryRemove(id, out var reply))
                reply.Fail(Unavailable(reason));
        }

        _closed.TrySetResult(reason);
    }

    private static void WriteException(WireWriter writer, Exception exception) => Codecs.Of<Exception>().Write(writer, exception);

    private static void WriteObject(WireWriter writer, object value) => Codecs.Of<object>().Write(writer, value);

    private static void WriteRequest(WireWriter writer, (GrainCall Call, RequestFlags Flags) request)
    {
        var (call, flags) = request;
        writer.WriteByte((byte)flags);
        writer.WriteByte((byte)call.ForwardCount);
        writer.WriteVarint((ulong)Math.Max(0, call.Timeout.TotalMilliseconds));
        BasicCodecs.WriteGrainId(writer, call.Target);
        writer.WriteUInt64(call.Method.Id);
        call.Method.WriteArguments(writer, call.Arguments);
    }

    private SiloUnavailableException Unavailable(Exception? reason)
    {
        string message = $"The connection to {Peer} was closed; the outcome of the call is unknown.";
        return reason is null ? new(message) : new(message, reason);
    }

    private bool FailSent(GrainCall call, bool isSent)
    {
        if (isSent)
            call.Reject(Unavailable(null));
        return isSent;
    }

    private async Task ReadAsync()
    {
        byte[] buffer = new byte[InitialBufferBytes];
        int start = 0, end = 0;
        try
        {
            while (true)
            {
                int received = await _socket.ReceiveAsync(buffer.AsMemory(end));
                if (received == 0)
                    break;
                end += received;
                start = ReadFrames(buffer, start, end);
                (buffer, start, end) = MakeRoom(buffer, start, end);
            }

            Close(null);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Close(exception);
        }
    }

    /// <summary>Handles every frame that is whole; returns where the first that is not begins.</summary>
    private int ReadFrames(byte[] buffer, int start, int end)
    {
        while (end - start >= sizeof(uint))
        {
            int length = FrameLength(buffer, start);
            if (end - start - sizeof(uint) < length)
                break;
            _reader.Reset(buffer, start + sizeof(uint), length);
            ReadFrame();
            start += sizeof(uint) + length;
        }

        return start;
    }

    private int FrameLength(byte[] buffer, int start)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(start));
        return length <= (uint)_limits.MaxFrameBytes
            ? (int)length
            : throw new SerializerException($"A frame of {length} bytes from {Peer}; at most {_limits.MaxFrameBytes} are taken.");
    }

    /// <summary>The buffer grows as bytes arrive, not as a length promises them, and shrinks after a big frame.</summary>
    private static (byte[] Buffer, int Start, int End) MakeRoom(byte[] buffer, int start, int end)
    {
        if (start == end && buffer.Length <= KeptBufferBytes)
            return (buffer, 0, 0);
        if (start == 0 && end < buffer.Length)
            return (buffer, start, end);
        int rest = end - start;
        int size = rest == 0 ? InitialBufferBytes : rest > buffer.Length / 2 ? Math.Min(Array.MaxLength, buffer.Length * 2) : buffer.Length;
        var moved = size == buffer.Length ? buffer : new byte[size];
        Buffer.BlockCopy(buffer, start, moved, 0, rest);
        return (moved, 0, rest);
    }

    private void ReadFrame()
    {
        var kind = (FrameKind)_reader.ReadByte();
        long id = (long)_reader.ReadVarint();
        _reader.BeginValue();
        switch (kind)
        {
            case FrameKind.Request:
                ReadRequest(id);
                break;
            case FrameKind.Cancel:
                if (_cancellable.TryRemove(id, out var source))
                    ThreadPool.UnsafeQueueUserWorkItem(_ => source.Cancel(), null);
                break;
            case FrameKind.Ask:
                _ = AnswerAsync(id, Codecs.Of<object>().Read(_reader));
                break;
            case FrameKind.Tell:
                _handler.Hear(this, Codecs.Of<object>().Read(_reader));
                break;
            case FrameKind.Result or FrameKind.Failure or FrameKind.NotHere or FrameKind.Answer:
                if (_pending.TryRemove(id, out var reply))
                    ReadReply(kind, reply);
                break;
            default:
                throw new SerializerException($"A frame of kind {(byte)kind} from {Peer}.");
        }
    }

    /// <summary>A call whose arguments cannot be read fails alone; the frames around it are whole.</summary>
    private void ReadRequest(long id)
    {
        IncomingCall? call = null;
        try
        {
            call = IncomingCall.Read(_reader, id);
            if (id != 0 && call.Cancellation is { } cancellation)
                _cancellable.TryAdd(id, cancellation);
        }
        catch (SerializerException exception)
        {
            SendFailure(id, exception);
        }

        if (call is not null)
            _handler.ReceiveCall(this, call);
    }

    private void ReadReply(FrameKind kind, PendingReply reply)
    {
        try
        {
            if (kind == FrameKind.Failure)
                reply.Fail(Codecs.Of<Exception>().Read(_reader) ?? new OrleansException("A failure without an exception."));
            else if (kind == FrameKind.NotHere)
                reply.Redirect(new(_reader.ReadByte() != 0, _reader.ReadSigned(), Codecs.Of<SiloAddress?>().Read(_reader)));
            else
                reply.Complete(_reader);
        }
        catch (SerializerException exception)
        {
            reply.Fail(exception);
        }
    }

    private async Task AnswerAsync(long id, object question)
    {
        try
        {
            object? answer = await _handler.AnswerAsync(this, question);
            _writer.TryWrite(FrameKind.Answer, id, answer!, WriteObject);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            SendFailure(id, exception);
        }
    }
}

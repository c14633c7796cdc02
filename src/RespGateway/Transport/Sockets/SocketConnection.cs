using System.Net.Sockets;

namespace OrleansKv.RespGateway.Transport.Sockets;

/// <summary>
/// A connection over System.Net.Sockets. Receiving is a wait without a buffer, then a non-blocking receive on the loop, so that an idle
/// connection holds no memory. Sending is non-blocking on the loop too; only what a full socket refuses is sent asynchronously.
/// </summary>
internal sealed unsafe class SocketConnection : TransportConnection
{
    /// <summary>Bytes that one asynchronous send carries, from a managed copy.</summary>
    private const int AsyncSendBytes = 64 * 1024;

    private const int MaxDiscardBytes = 1024 * 1024;

    private readonly SocketLoop _loop;
    private readonly Socket _socket;
    // True: completions need no execution context of whoever started the operation.
    private readonly SocketAsyncEventArgs _receiveArgs = new(true);
    private readonly Action _onReadable;
    private SocketAsyncEventArgs? _sendArgs;
    private Action? _onSent;
    // The connection itself and every operation that the system has under way; the last one to end disposes of the socket.
    private int _socketUsers = 1;
    private bool _isReceivePending;
    private bool _isSendPending;

    public SocketConnection(SocketLoop loop, AcceptedSocket accepted)
        : base(loop, accepted.RemoteAddress, accepted.LocalAddress)
    {
        _loop = loop;
        _socket = accepted.Socket!;
        _socket.Blocking = false;
        FileDescriptor = (int)_socket.Handle;
        _onReadable = OnReadable;
        _receiveArgs.SetBuffer(Array.Empty<byte>(), 0, 0);
        _receiveArgs.Completed += (_, _) => EndOperation(_onReadable);
    }

    public override int FileDescriptor { get; }

    private protected override int Receive(byte* place, int roomBytes)
    {
        int received = _socket.Receive(new Span<byte>(place, roomBytes), SocketFlags.None, out SocketError error);
        return error == SocketError.Success ? received : IsTransient(error) ? WouldBlock : Failed;
    }

    private protected override long Send(out long offeredBytes)
    {
        ReadOnlySpan<byte> chunk = Output.ChunkAt(0);
        offeredBytes = chunk.Length;
        int sent = _socket.Send(chunk, SocketFlags.None, out SocketError error);
        return error == SocketError.Success ? sent : IsTransient(error) ? 0 : Failed;
    }

    private protected override void UpdateInterest()
    {
        if (WantsRead && !_isReceivePending)
        {
            _isReceivePending = true;
            Interlocked.Increment(ref _socketUsers);
            if (!_socket.ReceiveAsync(_receiveArgs))
                EndOperation(_onReadable);
        }
        if (WantsWrite && !_isSendPending)
            BeginSend();
    }

    private protected override void ReleaseSocket(bool orderly)
    {
        // Disposing of a socket with an operation under way resets the connection on Unix, and what the kernel has not sent yet is lost.
        // Shutting it down ends the operation; the socket goes when that has happened. On Windows disposing
        // does not reset, and only disposing ends the operation.
        Shutdown(SocketShutdown.Send);
        if (orderly)
            DiscardInput();
        if (OperatingSystem.IsWindows())
            _socket.Dispose();
        else
            Shutdown(SocketShutdown.Receive);
        LeaveSocket();
    }

    private void EndOperation(Action continuation)
    {
        LeaveSocket();
        _loop.Post(continuation);
    }

    private void OnReadable()
    {
        _isReceivePending = false;
        HandleReadable();
        if (!IsClosed)
            UpdateInterest();
    }

    private void BeginSend()
    {
        if (_sendArgs == null)
        {
            _onSent = OnSent;
            _sendArgs = new SocketAsyncEventArgs(true);
            _sendArgs.Completed += (_, _) => EndOperation(_onSent);
        }
        // The output keeps the bytes until they are sent, so that its length stays what the client still has to be sent.
        ReadOnlySpan<byte> chunk = Output.ChunkAt(0);
        int bytes = Math.Min(chunk.Length, AsyncSendBytes);
        byte[] copy = _sendArgs.Buffer ?? new byte[AsyncSendBytes];
        chunk[..bytes].CopyTo(copy);
        _sendArgs.SetBuffer(copy, 0, bytes);
        _isSendPending = true;
        Interlocked.Increment(ref _socketUsers);
        if (!_socket.SendAsync(_sendArgs))
            EndOperation(_onSent!);
    }

    private void OnSent()
    {
        _isSendPending = false;
        if (IsClosed)
            return;
        if (_sendArgs!.SocketError != SocketError.Success)
        {
            Close();
            return;
        }
        Output.Advance(_sendArgs.BytesTransferred);
        HandleWritable();
        if (!IsSendBlocked)
            _sendArgs.SetBuffer(null, 0, 0);
    }

    private void Shutdown(SocketShutdown how)
    {
        try
        {
            _socket.Shutdown(how);
        }
        catch (SocketException)
        {
            // The peer was faster, which ends pending operations as well.
        }
    }

    private void DiscardInput()
    {
        for (int discarded = 0; discarded < MaxDiscardBytes;)
        {
            int received = Receive(_loop.SharedRead, IoLoop.SharedReadBytes);
            if (received <= 0)
                return;
            discarded += received;
        }
    }

    private void LeaveSocket()
    {
        if (Interlocked.Decrement(ref _socketUsers) != 0)
            return;
        _socket.Dispose();
        _receiveArgs.Dispose();
        _sendArgs?.Dispose();
    }

    private static bool IsTransient(SocketError error) => error is SocketError.WouldBlock or SocketError.Interrupted;
}

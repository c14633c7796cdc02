using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansKv.RespGateway.Transport.Epoll;

/// <summary>A connection served by non-blocking system calls on its loop's thread.</summary>
internal sealed unsafe class EpollConnection : TransportConnection
{
    /// <summary>Most chunks that one call sends: 1 MiB of ordinary ones.</summary>
    private const int MaxVectors = 64;

    /// <summary>Most unread input that an orderly close reads away.</summary>
    private const int MaxDiscardBytes = 1024 * 1024;

    private readonly EpollLoop _loop;
    private readonly int _fd;
    private readonly int _token;
    private uint _interest;

    public EpollConnection(EpollLoop loop, AcceptedSocket socket)
        : base(loop, socket.RemoteAddress, socket.LocalAddress)
    {
        _loop = loop;
        _fd = socket.FileDescriptor;
        _token = loop.Watch(_fd, 0, this);
    }

    public override int FileDescriptor => _fd;

    public void HandleEvents(uint mask)
    {
        if ((mask & (Libc.EPOLLERR | Libc.EPOLLHUP)) != 0 && !WantsRead)
        {
            // Epoll reports these whatever the interest. Who reads learns from recv; for others the peer is gone, and so are the replies.
            Close();
            return;
        }
        if ((mask & Libc.EPOLLOUT) != 0)
            HandleWritable();
        if ((mask & (Libc.EPOLLIN | Libc.EPOLLERR | Libc.EPOLLHUP)) != 0)
            HandleReadable();
    }

    private protected override int Receive(byte* place, int roomBytes)
    {
        nint received = Libc.Receive(_fd, place, (nuint)roomBytes, 0);
        return received >= 0 ? (int)received : IsTransient(Marshal.GetLastPInvokeError()) ? WouldBlock : Failed;
    }

    private protected override long Send(out long offeredBytes)
    {
        if (Output.ChunkCount > 1)
            return SendChunks(out offeredBytes);
        ReadOnlySpan<byte> chunk = Output.ChunkAt(0);
        offeredBytes = chunk.Length;
        fixed (byte* start = chunk)
            return SentOrFailed(Libc.Send(_fd, start, (nuint)chunk.Length, Libc.MSG_NOSIGNAL));
    }

    private protected override void UpdateInterest()
    {
        uint interest = (WantsRead ? Libc.EPOLLIN : 0) | (WantsWrite ? Libc.EPOLLOUT : 0);
        if (interest == _interest)
            return;
        _interest = interest;
        _loop.ChangeInterest(_fd, interest, _token);
    }

    private protected override void ReleaseSocket(bool orderly)
    {
        if (orderly)
        {
            Libc.Shutdown(_fd, Libc.SHUT_WR);
            DiscardInput();
        }
        Libc.Close(_fd);
        _loop.Forget(_token);
    }

    // sendmsg and not writev, which takes no MSG_NOSIGNAL.
    [SkipLocalsInit]
    private long SendChunks(out long offeredBytes)
    {
        Libc.IoVector* vectors = stackalloc Libc.IoVector[MaxVectors];
        int count = Math.Min(Output.ChunkCount, MaxVectors);
        offeredBytes = 0;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> chunk = Output.ChunkAt(i);
            // Chunks are native memory, so the pointer outlives the statement.
            fixed (byte* start = chunk)
                vectors[i] = new Libc.IoVector { Base = start, Length = (nuint)chunk.Length };
            offeredBytes += chunk.Length;
        }
        var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = (nuint)count };
        return SentOrFailed(Libc.SendMessage(_fd, &message, Libc.MSG_NOSIGNAL));
    }

    private void DiscardInput()
    {
        for (int discarded = 0; discarded < MaxDiscardBytes;)
        {
            nint received = Libc.Receive(_fd, _loop.SharedRead, IoLoop.SharedReadBytes, 0);
            if (received <= 0)
                return;
            discarded += (int)received;
        }
    }

    private static long SentOrFailed(nint sent) =>
        sent >= 0 ? sent : IsTransient(Marshal.GetLastPInvokeError()) ? 0 : Failed;

    private static bool IsTransient(int error) => error is Libc.EAGAIN or Libc.EINTR;
}

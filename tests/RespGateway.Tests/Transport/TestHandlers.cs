using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Tests.Transport;

/// <summary>Counts what it is told and does nothing else.</summary>
internal class RecordingHandler(TransportConnection connection) : IConnectionHandler
{
    private int _closedCalls;
    private int _drainedCalls;
    private long _receivedBytes;

    public TransportConnection Connection { get; } = connection;

    public int ClosedCalls => Volatile.Read(ref _closedCalls);

    public int DrainedCalls => Volatile.Read(ref _drainedCalls);

    public long ReceivedBytes => Volatile.Read(ref _receivedBytes);

    public bool WasOffLoop { get; private set; }

    public virtual void OnData()
    {
        CheckThread();
        Volatile.Write(ref _receivedBytes, _receivedBytes + Connection.Input.Length);
        Connection.Input.Consume(Connection.Input.Length);
    }

    public virtual void OnDrained()
    {
        CheckThread();
        Interlocked.Increment(ref _drainedCalls);
    }

    public void OnClosed()
    {
        CheckThread();
        Interlocked.Increment(ref _closedCalls);
    }

    private void CheckThread() => WasOffLoop |= !Connection.Loop.IsCurrent;
}

/// <summary>Sends back what it gets, and holds the client back while more than a limit is unsent.</summary>
internal sealed class EchoHandler(TransportConnection connection) : RecordingHandler(connection)
{
    public const int UnsentLimitBytes = 1024 * 1024;

    public override void OnData()
    {
        Connection.Output.Append(Connection.Input.Span);
        base.OnData();
        if (Connection.Output.Length > UnsentLimitBytes)
        {
            Connection.Flush();
            Connection.ReadingPaused = Connection.IsSendBlocked;
        }
    }

    public override void OnDrained()
    {
        base.OnDrained();
        Connection.ReadingPaused = false;
    }
}

/// <summary>Takes frames of a 4-byte length and that many bytes and answers each with its length and a checksum.</summary>
internal sealed class FrameHandler(TransportConnection connection) : RecordingHandler(connection)
{
    public const int HeaderBytes = 4;

    private long _peakCapacity;

    public long PeakCapacity => Volatile.Read(ref _peakCapacity);

    public override void OnData()
    {
        InputBuffer input = Connection.Input;
        Volatile.Write(ref _peakCapacity, Math.Max(_peakCapacity, input.Capacity));
        while (input.Length >= HeaderBytes)
        {
            int frameBytes = HeaderBytes + BitConverter.ToInt32(input.Span);
            if (input.Length < frameBytes)
            {
                input.EnsureCapacity(frameBytes);
                return;
            }
            ReadOnlySpan<byte> body = input.Span[HeaderBytes..frameBytes];
            Connection.Output.Append(BitConverter.GetBytes(body.Length));
            Connection.Output.Append(BitConverter.GetBytes(Checksum(body)));
            input.Consume(frameBytes);
        }
    }

    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 2166136261;
        foreach (byte value in bytes)
            sum = (sum ^ value) * 16777619;
        return sum;
    }
}

// Stands for Orleans.Runtime.Message on the callee's side of a connection.
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>A call as it was read from a link.</summary>
internal sealed class IncomingCall
{
    private IncomingCall(long id, RequestFlags flags, int forwardCount, TimeSpan timeout, GrainId target, InvokableMethod method)
    {
        Id = id;
        Flags = flags;
        ForwardCount = forwardCount;
        Timeout = timeout;
        Target = target;
        Method = method;
    }

    public long Id { get; }

    public RequestFlags Flags { get; }

    public int ForwardCount { get; }

    /// <summary>What the caller was willing to wait from the start.</summary>
    public TimeSpan Timeout { get; }

    public GrainId Target { get; }

    public InvokableMethod Method { get; }

    public object?[] Arguments { get; private set; } = [];

    /// <summary>Behind the argument that is a cancellation token; null where there is none.</summary>
    public CancellationTokenSource? Cancellation { get; private set; }

    public static IncomingCall Read(WireReader reader, long id)
    {
        var flags = (RequestFlags)reader.ReadByte();
        int forwardCount = reader.ReadByte();
        double timeoutMs = Math.Min(reader.ReadVarint(), int.MaxValue);
        var target = BasicCodecs.ReadGrainId(reader);
        ulong methodId = reader.ReadUInt64();
        var method = WireTypes.FindMethod(methodId)
            ?? throw new SerializerException($"A call of method {methodId:x16} on {target}, which is not known here.");
        var call = new IncomingCall(id, flags, forwardCount, TimeSpan.FromMilliseconds(timeoutMs), target, method);
        call.Arguments = method.ReadArguments(reader, out var cancellation);
        call.Cancellation = cancellation;
        return call;
    }
}

/// <summary>Answers the call of another process over the link it came by.</summary>
internal sealed class RemoteAnswer(Link link, IncomingCall call, LocalRuntime? silo) : PendingResult
{
    public override object? Returned => null;

    public override bool IsRemote => true;

    public override bool TrySetResult(object? result)
    {
        if (!call.Flags.HasFlag(RequestFlags.OneWay))
            link.SendResult(call, result);
        return true;
    }

    public override bool TrySetException(Exception exception)
    {
        if (!call.Flags.HasFlag(RequestFlags.OneWay))
            link.SendFailure(call.Id, exception);
        return true;
    }

    /// <summary>A silo looks elsewhere itself. A client leaves that to its gateway, and nobody hears of a one-way call that came wrong.</summary>
    public override bool TryRedirect(bool hasProgressed)
    {
        if (link.Silo is null || silo is null || call.Flags.HasFlag(RequestFlags.OneWay))
            return false;
        link.SendNotHere(call.Id, silo.RedirectionFor(call.Target, hasProgressed));
        return true;
    }
}

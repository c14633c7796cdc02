using System.Buffers;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>What one silo executes of a command, and its replies once they are there.</summary>
/// <param name="silo">The silo, as a member of the map that the command was routed by.</param>
internal sealed class ForwardedPart(int silo)
{
    public int Silo { get; } = silo;

    /// <summary>Replies that the silo gives for it.</summary>
    public int ReplyCount { get; init; } = 1;

    /// <summary>The arguments, in the order of their replies' elements; null where that is all of them.</summary>
    public List<int>? Picked { get; init; }

    /// <summary>The command as it is for this silo.</summary>
    public required ArgumentList Args { get; init; }

    public PartOutcome Outcome { get; set; }

    /// <summary>All its replies.</summary>
    public ReadOnlyMemory<byte> Replies { get; private set; }

    /// <summary>The last of its replies.</summary>
    public ReadOnlyMemory<byte> LastReply { get; private set; }

    /// <summary>Takes its replies from the start of these bytes, and gives their length.</summary>
    /// <exception cref="FormatException">They are not all there.</exception>
    public int Take(ReadOnlyMemory<byte> bytes)
    {
        int at = 0, last = 0;
        for (var i = 0; i < ReplyCount; i++)
        {
            last = at;
            at += RespScanner.LengthOf(bytes.Span[at..]);
        }

        Replies = bytes[..at];
        LastReply = bytes[last..at];
        Outcome = LastReply.Span.StartsWith(NotOwner) ? PartOutcome.Again : PartOutcome.Replied;
        return at;
    }

    private static ReadOnlySpan<byte> NotOwner => "-NOTOWNER "u8;
}

/// <summary>What has become of a part.</summary>
internal enum PartOutcome
{
    /// <summary>It is on its way.</summary>
    Open,

    /// <summary>Its replies are there.</summary>
    Replied,

    /// <summary>It was certainly not executed, since the slot is another silo's; or it may be sent again whatever became of it.</summary>
    Again,

    /// <summary>Nobody knows whether it was executed.</summary>
    Unknown,
}

/// <summary>
/// A command of which at least a part goes to another silo. It is routed by a version of the slot map, and again by a later one where a silo
/// turns out not to own its slot.
/// </summary>
/// <param name="row">The command.</param>
/// <param name="args">Its arguments, with bytes of their own.</param>
internal abstract class ForwardedCommand(CommandRow row, ArgumentList args)
{
    public CommandRow Row { get; } = row;

    public ArgumentList Args { get; } = args;

    /// <summary>Bytes of the run's local replies that come before this command's.</summary>
    public long LocalBefore { get; set; }

    /// <summary>The client wants no reply.</summary>
    public bool IsUnanswered { get; init; }

    /// <summary>The reply, once it is known.</summary>
    public ReadOnlyMemory<byte>? Reply { get; set; }

    /// <summary>True once a silo may or may not have executed it.</summary>
    public bool IsLost { get; set; }

    /// <summary>Whether it may be sent again when its outcome is unknown.</summary>
    public virtual bool IsRepeatable => !Row.IsWrite && Row.Is(CommandFlags.ReadOnly);

    /// <summary>The parts of the present attempt; empty while it waits for the next.</summary>
    public List<ForwardedPart> Parts { get; } = new(1);

    /// <summary>Fills <see cref="Parts"/>. The error is the command's reply where it cannot be executed with this map.</summary>
    public abstract byte[]? Route(RouteTable routes);

    /// <summary>The commands of a part.</summary>
    public virtual void Write(IBufferWriter<byte> writer, ForwardedPart part) => CommandBytes.Write(writer, part.Args);

    /// <summary>Makes the reply of what all parts have replied; null where it is to be routed again.</summary>
    public virtual ReadOnlyMemory<byte>? Merge(RouteTable routes) => Parts[0].LastReply;

    /// <summary>The first error among the parts' last replies.</summary>
    protected ReadOnlyMemory<byte>? FirstError()
    {
        foreach (var part in Parts)
            if (part.LastReply.Span[0] == (byte)'-') return part.LastReply;
        return null;
    }

    /// <summary>The reply where some silo has not executed it for too long.</summary>
    public virtual byte[] GivenUpReply() => ErrorReply(Engine.Protocol.ErrorText.NotServed);

    protected static byte[] ErrorReply(ReadOnlySpan<byte> text) => [(byte)'-', .. text, .. "\r\n"u8];
}

using System.Buffers;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>A command on the whole keyspace, which every silo that owns slots executes.</summary>
internal sealed class CommandEverywhere(CommandRow row, ArgumentList args, Func<int, int> random) : ForwardedCommand(row, args)
{
    /// <summary>Whether a command works on the whole keyspace and its replies can be merged.</summary>
    public static bool Accepts(CommandRow row) => row.Name is "keys" or "dbsize" or "randomkey" or "flushall" or "flushdb" or "swapdb";

    // Silos that have executed it in an earlier attempt, where that is to be done once.
    private readonly HashSet<string> _done = [];

    private readonly List<ForwardedPart> _sent = [];
    private RouteTable? _routes;

    // Another flush does no harm: it was to end after all that it meets.
    public override bool IsRepeatable => base.IsRepeatable || Row.Name is "flushall" or "flushdb";

    public override byte[]? Route(RouteTable routes)
    {
        if (Row.Name == "swapdb" && _routes != null)
        {
            if (!routes.HasSameOwners(_routes)) return ErrorReply(HaveMoved);
            foreach (var part in _sent)
                if (part.Outcome == PartOutcome.Replied) _done.Add(_routes.Map.Members[part.Silo].Silo);
        }

        _routes = routes;
        for (var i = 0; i < routes.Map.Members.Length; i++)
        {
            if (!routes.Owns(i) || _done.Contains(routes.Map.Members[i].Silo)) continue;
            Parts.Add(new ForwardedPart(i) { Args = Args, ReplyCount = Row.Name == "randomkey" ? 2 : 1 });
        }

        _sent.Clear();
        _sent.AddRange(Parts);
        return Parts.Count == 0 ? ErrorReply(ErrorText.NotServed) : null;
    }

    // A random key of each, and how many keys it was chosen from.
    public override void Write(IBufferWriter<byte> writer, ForwardedPart part)
    {
        if (Row.Name == "randomkey") CommandBytes.Write(writer, "dbsize"u8);
        base.Write(writer, part);
    }

    public override ReadOnlyMemory<byte>? Merge(RouteTable routes)
    {
        if (FirstError() is { } error) return IsDoneInPart ? ErrorReply(DoneInPart) : error;
        switch (Row.Name)
        {
            case "dbsize":
                return Replies.Sum(Parts);
            case "keys":
                return Replies.Array([.. Parts.SelectMany(part => Replies.Elements(part.LastReply))]);
            case "randomkey":
                return Choose();
            default:
                // A slot may have moved from a silo that was still to execute it to one that had.
                if (routes.HasSameOwners(_routes!)) return Parts[0].LastReply;
                return Row.Name == "swapdb" ? ErrorReply(HaveMoved) : null;
        }
    }

    public override byte[] GivenUpReply() => IsDoneInPart ? ErrorReply(DoneInPart) : base.GivenUpReply();

    // Some silo has changed what it has, and another has not.
    private bool IsDoneInPart =>
        Row.IsWrite && (_done.Count > 0 || _sent.Exists(part => part.Outcome == PartOutcome.Replied && part.LastReply.Span[0] != (byte)'-'));

    private static ReadOnlySpan<byte> DoneInPart => "ERR some silos have done this to their keys, and others could not; repeat it"u8;

    private static ReadOnlySpan<byte> HaveMoved => "ERR slots have moved while their databases were exchanged, which may not be done in all of them"u8;

    private ReadOnlyMemory<byte> Choose()
    {
        var sizes = Parts.ConvertAll(part => RespScanner.IntegerOf(part.Replies.Span) ?? 0);
        var rank = random((int)Math.Min(int.MaxValue, Math.Max(1, sizes.Sum())));
        var chosen = 0;
        while (chosen < Parts.Count - 1 && rank >= sizes[chosen]) rank -= (int)sizes[chosen++];
        return Parts[chosen].LastReply;
    }
}

using System.Buffers;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>A command whose keys one silo owns: it goes there whole. SCAN, too, goes to the one silo that its cursor names.</summary>
internal sealed class WholeCommand(CommandRow row, ArgumentList args) : ForwardedCommand(row, args)
{
    public override byte[]? Route(RouteTable routes)
    {
        var owner = Row.Keys.Length > 0 ? KeyOwners.Of(routes, Row, Args) : routes.OwnerOf(ScanCursor.SlotOf(Args[1]) ?? 0);
        if (owner == KeyOwners.Several) return ErrorReply(KeyOwners.SeveralSilos);
        if (owner < 0) return ErrorReply(ErrorText.NotServed);
        Parts.Add(new ForwardedPart(owner) { Args = Args });
        return null;
    }
}

/// <summary>A read whose keys several silos own, each of which reads its own: MGET, EXISTS and their like.</summary>
internal sealed class SplitRead(CommandRow row, ArgumentList args) : ForwardedCommand(row, args)
{
    /// <summary>Whether a command may be split by its keys: those with "request_policy:multi_shard", unless they write.</summary>
    public static bool Accepts(CommandRow row) =>
        !row.IsWrite && row.Keys is [{ First: 1, Last: -1, Step: 1, CountAt: 0 }] && row.Tips.Contains("request_policy:multi_shard");

    public override byte[]? Route(RouteTable routes)
    {
        var bySilo = new SortedDictionary<int, List<int>>();
        for (var i = 1; i < Args.Count; i++)
        {
            var owner = routes.OwnerOf(SlotHash.Of(Args[i]));
            if (owner == RouteTable.Nobody) return ErrorReply(ErrorText.NotServed);
            if (!bySilo.TryGetValue(owner, out var indices)) bySilo.Add(owner, indices = []);
            indices.Add(i);
        }

        foreach (var (silo, indices) in bySilo) Parts.Add(new ForwardedPart(silo) { Args = CommandBytes.Pick(Args, indices), Picked = indices });
        return null;
    }

    public override ReadOnlyMemory<byte>? Merge(RouteTable routes)
    {
        if (FirstError() is { } error) return error;
        return Row.Tips.Contains("response_policy:agg_sum") ? Replies.Sum(Parts) : InOrderOfKeys();
    }

    private ReadOnlyMemory<byte> InOrderOfKeys()
    {
        var elements = new ReadOnlyMemory<byte>[Args.Count - 1];
        foreach (var part in Parts)
        {
            var index = 0;
            foreach (var element in Replies.Elements(part.LastReply)) elements[part.Picked![index++] - 1] = element;
        }

        return Replies.Array(elements);
    }
}

/// <summary>A command on the whole keyspace, which every silo that owns slots executes.</summary>
internal sealed class CommandEverywhere(CommandRow row, ArgumentList args, Func<int, int> random) : ForwardedCommand(row, args)
{
    /// <summary>Whether a command works on the whole keyspace and its replies can be merged.</summary>
    public static bool Accepts(CommandRow row) => row.Name is "keys" or "dbsize" or "randomkey" or "flushall" or "flushdb";

    private long _version;

    // Another flush does no harm: it was to end after all that it meets.
    public override bool IsRepeatable => base.IsRepeatable || Row.Name is "flushall" or "flushdb";

    public override byte[]? Route(RouteTable routes)
    {
        _version = routes.Map.Version;
        for (var i = 0; i < routes.Map.Members.Length; i++)
        {
            if (!routes.Owns(i)) continue;
            Parts.Add(new ForwardedPart(i) { Args = Args, ReplyCount = Row.Name == "randomkey" ? 2 : 1 });
        }

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
        if (FirstError() is { } error) return error;
        switch (Row.Name)
        {
            case "dbsize":
                return Replies.Sum(Parts);
            case "keys":
                return Replies.Array([.. Parts.SelectMany(part => Replies.Elements(part.LastReply))]);
            case "randomkey":
                return Choose();
            default:
                // A slot may have moved from a silo that was still to be flushed to one that had been.
                return routes.Map.Version == _version ? Parts[0].LastReply : null;
        }
    }

    private ReadOnlyMemory<byte> Choose()
    {
        var sizes = Parts.ConvertAll(part => RespScanner.IntegerOf(part.Replies.Span) ?? 0);
        var rank = random((int)Math.Min(int.MaxValue, Math.Max(1, sizes.Sum())));
        var chosen = 0;
        while (chosen < Parts.Count - 1 && rank >= sizes[chosen]) rank -= (int)sizes[chosen++];
        return Parts[chosen].LastReply;
    }
}

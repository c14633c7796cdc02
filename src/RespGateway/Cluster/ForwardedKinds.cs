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

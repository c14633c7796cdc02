using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// Cluster mode: whether a command is executed here, or with what error its client is sent away. The same questions in the same order as
/// Redis's getNodeByQuery (cluster.c).
/// </summary>
/// <remarks>Whether this silo serves a slot is the slot's own role, which is asked again under its lock; the map, which may be older or newer,
/// only says where else to go. A slot moves in one step, so there is no ASK.</remarks>
internal static class ClusterRedirect
{
    public static ReadOnlySpan<byte> CrossSlot => "CROSSSLOT Keys in request don't hash to the same slot"u8;

    /// <summary>The error of a slot that is this silo's by the map, but not served from here yet, or not any more, and of one whose new owner would send
    /// the client back here, since it has not heard that the slot is its own: the client waits rather than hears it.
    /// Known by its identity.</summary>
    public static readonly byte[] TryAgain = [.. "TRYAGAIN Hash slot is changing its owner"u8];

    private static ReadOnlySpan<byte> Down => "CLUSTERDOWN The cluster is down"u8;

    private static ReadOnlySpan<byte> DownForWrites => "CLUSTERDOWN The cluster is down and only accepts read commands"u8;

    /// <summary>Null where the command is to be executed here; otherwise the error that its client gets.</summary>
    /// <param name="client">Who sent it; EXEC is judged by what is queued.</param>
    /// <param name="row">The command.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="only">The slot of its only key, where that is known.</param>
    public static byte[]? Check(RespConnection client, CommandRow row, ArgumentList args, Slot? only)
    {
        var routes = client.Server.Cluster!.Routes;
        var number = only?.Number ?? -1;
        var flags = row.Flags;
        var isExec = row.Name == "exec";
        if (isExec)
        {
            if (!client.IsInTransaction) return null;
            flags |= client.Transaction.QueuedFlags;
            foreach (var queued in client.Transaction.Commands)
                if (AddKeys(routes, queued.Row, queued.Args, ref number) is { } error) return error;
        }
        else if (only == null)
        {
            if (row.Keys.Length == 0) return null;
            if (AddKeys(routes, row, args, ref number) is { } error) return error;
        }

        return number < 0 ? null : Check(client, routes, row, flags, number);
    }

    /// <summary>Whether the cluster serves nothing, because a slot has no owner.</summary>
    public static bool IsDown(RouteTable routes, bool requiresFullCoverage) => requiresFullCoverage && !routes.IsCovered;

    /// <summary>Whether the messages of a slot's channels come to this silo: not to one that keeps a copy, but is no replica to its clients.</summary>
    public static bool HasShardChannels(RouteTable routes, Slot slot) => slot.Role switch
    {
        SlotRole.Primary => true,
        SlotRole.Replica => routes.SelfIsReplica || routes.OwnerOf(slot.Number) == routes.Self,
        _ => false,
    };

    // Adds a command's keys, which must all be of one slot.
    private static byte[]? AddKeys(RouteTable routes, CommandRow row, ArgumentList args, ref int number)
    {
        foreach (var spec in row.Keys)
        {
            var (first, last) = spec.Resolve(args);
            for (var i = first; i <= last; i += spec.Step)
            {
                var slot = SlotHash.Of(args[i]);
                if (number >= 0 && slot != number) return CrossSlot.ToArray();
                if (number < 0 && routes.OwnerOf(slot) == RouteTable.Nobody) return ErrorText.NotServed.ToArray();
                number = slot;
            }
        }

        return null;
    }

    private static byte[]? Check(RespConnection client, RouteTable routes, CommandRow row, CommandFlags flags, int number)
    {
        var config = client.Server.Config;
        var slot = client.Server.Store.Slots[number];
        var owner = routes.OwnerOf(number);
        if (owner == RouteTable.Nobody && !slot.IsOwned) return ErrorText.NotServed.ToArray();
        var isShardChannel = row.Is(CommandFlags.PubSub);
        var writes = (flags & CommandFlags.Write) != 0;
        if (IsDown(routes, config.ClusterRequireFullCoverage))
        {
            if (isShardChannel && !config.ClusterAllowPubSubShardWhenDown) return Down.ToArray();
            if (!isShardChannel && !config.ClusterAllowReadsWhenDown) return Down.ToArray();
            if (!isShardChannel && writes) return DownForWrites.ToArray();
        }

        if (slot.IsOwned) return null;
        var mayBeCopy = client.ReadsReplicas || isShardChannel;
        if (mayBeCopy && !writes && slot.Role == SlotRole.Replica && routes.SelfIsReplica) return null;
        if (owner == routes.Self || client.Server.Cluster!.IsOwnerToHear(routes, number, client.Server.Store.Replication)) return TryAgain;
        return Moved(routes.Map.Members[owner], number, config.ClusterPreferredEndpointType);
    }

    private static byte[] Moved(MapMember owner, int slot, Engine.Configuration.ClusterEndpointType preferred) =>
        Encoding.UTF8.GetBytes($"MOVED {slot} {ClusterNode.EndpointOf(owner, preferred)}:{owner.Endpoint.Port}");
}

using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using OrleansKv.Contracts;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// MEET, FORGET, RESET, REPLICATE, FAILOVER and the epochs. All nodes of a cluster directory are in one slot map from their start; what changes is
/// their circle: who shows whom to clients. So MEET finds a node in the map, at once, and what one node does all of them see.
/// </summary>
internal static class NodeOrders
{
    // CLUSTER MEET ip port [cluster-bus-port]
    public static async Task<string> MeetAsync(ClusterOrder order)
    {
        if (order.Count > 5) return NoSuchForm(order);
        if (!order.TryInteger(3, out var port)) return $"-ERR Invalid TCP base port specified: {order.Text(3)}";
        if (order.Count == 5 && !order.TryInteger(4, out _)) return $"-ERR Invalid TCP bus port specified: {order.Text(4)}";
        if (!IPAddress.TryParse(order.Text(2), out var address) || port is < 1 or > ushort.MaxValue)
            return $"-ERR Invalid node address specified: {order.Text(2)}:{order.Text(3)}";
        if (FindAt(order, address, (int)port) is not { } other)
            return $"-ERR No node at {address}:{port} has this cluster directory";
        if (other.Silo == order.Silo) return ClusterOrder.Ok;
        var after = await order.DoAsync(map => map.MeetAsync(order.Silo, other.Silo)).ConfigureAwait(false);
        return HaveMet(after, order.Silo, other.Silo) ? ClusterOrder.Ok : $"-ERR The node at {address}:{port} has gone";
    }

    // CLUSTER FORGET node-id
    public static async Task<string> ForgetAsync(ClusterOrder order)
    {
        var id = order.Text(2);
        if (order.Find(id) is not { } node)
        {
            // One that nobody sees any more has been forgotten by all; one that is dead is known by its name alone.
            if (order.Map.NodeOf(id) is not { } known) return $"-ERR Unknown node {id}";
            var isDead = Array.TrueForAll(order.Map.Members, member => member.NodeId != id);
            var isOfCircle = order.Self is { } self && order.Map.CircleOf(self.Member) == known.Circle;
            if (isDead && isOfCircle) await order.DoAsync(map => map.ForgetAsync(id)).ConfigureAwait(false);
            return ClusterOrder.Ok;
        }

        if (node.IsSelf) return "-ERR I tried hard but I can't forget myself...";
        if (order.Self?.Master?.Id == id) return "-ERR Can't forget my master!";
        var after = node.Slots.Count > 0 ? order.Map : await order.DoAsync(map => map.ForgetAsync(id)).ConfigureAwait(false);
        return HaveMet(after, order.Silo, node.Member.Silo) ? $"-ERR Node {id} owns slots, which are to be moved to other nodes first" : ClusterOrder.Ok;
    }

    // CLUSTER RESET [HARD | SOFT]
    public static async Task<string> ResetAsync(ClusterOrder order)
    {
        if (order.Count > 3) return NoSuchForm(order);
        var isHard = order.Count == 3 && order.Is(2, "hard");
        if (order.Count == 3 && !isHard && !order.Is(2, "soft")) return "-ERR syntax error";
        if (order.CountOwnKeys() > 0) return "-ERR CLUSTER RESET can't be called with master nodes containing keys";
        if (order.Self is { Slots.Count: > 0 } self && order.Map.CircleOf(self.Member).Length == 0)
            return "-ERR The slots of this node were assigned automatically: it leaves with SHUTDOWN, and hands them over";
        await order.DoAsync(map => map.ResetAsync(order.Silo, isHard)).ConfigureAwait(false);
        return ClusterOrder.Ok;
    }

    // CLUSTER REPLICATE node-id
    public static async Task<string> ReplicateAsync(ClusterOrder order)
    {
        var id = order.Text(2);
        if (order.Find(id) is not { } master) return $"-ERR Unknown node {id}";
        if (master.IsSelf) return "-ERR Can't replicate myself";
        if (master.Master != null) return "-ERR I can only replicate a master, not a replica.";
        if (order.Self is { Slots.Count: > 0 }) return "-ERR To set a master the node must be empty and without assigned slots.";
        var after = await order.DoAsync(map => map.ReplicateAsync(order.Silo, id)).ConfigureAwait(false);
        return after.Find(order.Silo) is { } member && after.MasterOf(member) == id ? ClusterOrder.Ok : "-TRYAGAIN The cluster has changed meanwhile";
    }

    // CLUSTER FAILOVER [FORCE | TAKEOVER]
    public static async Task<string> FailOverAsync(ClusterOrder order)
    {
        if (order.Count > 3) return NoSuchForm(order);
        var isTakeover = order.Count == 3 && order.Is(2, "takeover");
        if (order.Count == 3 && !isTakeover && !order.Is(2, "force")) return "-ERR syntax error";
        var master = order.Self is { } self ? order.Map.MasterOf(self.Member) : "";
        if (master.Length == 0) return "-ERR You should send CLUSTER FAILOVER to a replica";
        if (isTakeover) await TakeOverAsync(order, master).ConfigureAwait(false);
        var isAlive = Array.Exists(order.Map.Members, member => member.NodeId == master);
        if (isAlive) await order.DoAsync(map => map.FailOverAsync(order.Silo)).ConfigureAwait(false);
        return isTakeover || isAlive
            ? ClusterOrder.Ok
            : "-ERR Master is down and its slots are lost, please use CLUSTER FAILOVER TAKEOVER to have them empty";
    }

    // CLUSTER SET-CONFIG-EPOCH config-epoch
    public static Task<string> SetConfigEpochAsync(ClusterOrder order)
    {
        if (!order.TryInteger(2, out var epoch)) return Task.FromResult("-ERR value is not an integer or out of range");
        if (epoch < 0) return Task.FromResult(string.Create(CultureInfo.InvariantCulture, $"-ERR Invalid config epoch specified: {epoch}"));

        // Epochs are versions of the map, which has one author: there is nothing to tell apart.
        return Task.FromResult(order.Nodes.Length > 1
            ? "-ERR The user can assign a config epoch only when the node does not know any other node."
            : ClusterOrder.Ok);
    }

    // CLUSTER BUMPEPOCH
    public static Task<string> BumpEpochAsync(ClusterOrder order) =>
        Task.FromResult(string.Create(CultureInfo.InvariantCulture, $"+STILL {order.Self?.ConfigEpoch ?? 0}"));

    // CLUSTER SAVECONFIG
    public static Task<string> SaveConfigAsync(ClusterOrder order) => Task.FromResult(ClusterOrder.Ok);

    // What the master that is gone has lost becomes this node's, and is empty.
    private static async Task TakeOverAsync(ClusterOrder order, string master)
    {
        foreach (var range in order.Map.Ranges.Where(range => range.Owner == null && range.LostBy == master).ToArray())
            await order.DoAsync(map => map.TakeOverAsync(range.First, range.Last, order.Silo)).ConfigureAwait(false);
    }

    // A loopback address is this machine, whatever address its nodes announce; a node that announces none has every address of its machine.
    private static MapMember? FindAt(ClusterOrder order, IPAddress address, int port)
    {
        var found = Array.FindAll(order.Map.Members, member => member.Endpoint.Port == port);
        return Array.Find(found, member => ClusterNode.HostOf(member) == address.ToString())
            ?? Array.Find(found, member => IPAddress.IsLoopback(address) ? IsHere(order, ClusterNode.HostOf(member)) : member.Endpoint.Host.Length == 0);
    }

    private static bool IsHere(ClusterOrder order, string host)
    {
        if (order.Map.Find(order.Silo) is { } self && ClusterNode.HostOf(self) == host) return true;
        return IPAddress.TryParse(host, out var address) && (IPAddress.IsLoopback(address) || IsOfThisMachine(address));
    }

    private static bool IsOfThisMachine(IPAddress address) => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(network => network.GetIPProperties().UnicastAddresses)
        .Any(unicast => unicast.Address.Equals(address));

    private static bool HaveMet(SlotMap map, string one, string other) =>
        map.Find(one) is { } first && map.Find(other) is { } second && map.CircleOf(first) == map.CircleOf(second);

    private static string NoSuchForm(ClusterOrder order) =>
        $"-ERR unknown subcommand or wrong number of arguments for '{order.Text(1)}'. Try CLUSTER HELP.";
}

using OrleansKv.Contracts;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// ADDSLOTS, DELSLOTS, FLUSHSLOTS and SETSLOT. A slot moves live and in one step: MIGRATING starts it, and the source serves the slot until the target does.
/// NODE has it done, and waits. A slot that is given up with keys in it would lose them, so it is not.
/// </summary>
internal static class SlotOrders
{
    private const string NoSlot = "-ERR Invalid or out of range slot";

    private static string TargetNotMaster => "-ERR Target node is not a master";

    // CLUSTER ADDSLOTS slot [slot ...], CLUSTER ADDSLOTSRANGE start-slot end-slot [start-slot end-slot ...]
    public static async Task<string> AddAsync(ClusterOrder order, bool isRanges)
    {
        if (Read(order, isRanges, out var slots) is { } error) return error;
        if (FirstError(slots, slot => order.Map.RangeOf(slot).Owner == null ? null : Busy(slot)) is { } refusal) return refusal;
        var after = await order.DoAsync(map => map.AssignAsync(order.Silo, slots)).ConfigureAwait(false);
        var failed = Array.FindIndex(slots, slot => after.RangeOf(slot).Owner != order.Silo);
        return failed < 0 ? ClusterOrder.Ok : Busy(slots[failed]);
    }

    // CLUSTER DELSLOTS slot [slot ...], CLUSTER DELSLOTSRANGE start-slot end-slot [start-slot end-slot ...]
    public static async Task<string> DeleteAsync(ClusterOrder order, bool isRanges)
    {
        if (Read(order, isRanges, out var slots) is { } error) return error;
        if (FirstError(slots, slot => WhyNotGivenUp(order, slot)) is { } refusal) return refusal;
        return await ReleaseAsync(order, slots).ConfigureAwait(false);
    }

    // CLUSTER FLUSHSLOTS
    public static async Task<string> FlushAsync(ClusterOrder order)
    {
        if (order.CountOwnKeys() > 0) return "-ERR DB must be empty to perform CLUSTER FLUSHSLOTS.";
        int[] slots = [.. order.Map.RangesOf(order.Silo).SelectMany(range => Enumerable.Range(range.First, range.Count))];
        return slots.Length == 0 ? ClusterOrder.Ok : await ReleaseAsync(order, slots).ConfigureAwait(false);
    }

    // CLUSTER SETSLOT slot IMPORTING node-id | MIGRATING node-id | NODE node-id | STABLE
    public static Task<string> SetAsync(ClusterOrder order)
    {
        if (order.Self is not { Master: null }) return Task.FromResult("-ERR Please use SETSLOT only with masters.");
        var slot = order.Slot(2);
        if (slot < 0) return Task.FromResult(NoSlot);
        return (order.Text(3).ToUpperInvariant(), order.Count) switch
        {
            ("MIGRATING", 5) => MigrateAsync(order, slot),
            ("IMPORTING", 5) => Task.FromResult(Import(order, slot)),
            ("STABLE", 4) => KeepAsync(order, slot),
            ("NODE", 5) => BindAsync(order, slot),
            _ => Task.FromResult("-ERR Invalid CLUSTER SETSLOT action or number of arguments. Try CLUSTER HELP"),
        };
    }

    private static async Task<string> MigrateAsync(ClusterOrder order, int slot)
    {
        if (order.Map.RangeOf(slot).Owner != order.Silo) return $"-ERR I'm not the owner of hash slot {slot}";
        if (order.Find(order.Text(4)) is not { } target) return $"-ERR I don't know about node {order.Text(4)}";
        if (target.Master != null) return TargetNotMaster;
        var isWanted = target.IsSelf || await WishAsync(order, slot, order.Silo, target.Member.Silo).ConfigureAwait(false);
        return isWanted ? ClusterOrder.Ok : CannotMove(slot, target.Id);
    }

    // The source is told where the slot goes, and that is all there is to it.
    private static string Import(ClusterOrder order, int slot)
    {
        if (order.Map.RangeOf(slot).Owner == order.Silo) return $"-ERR I'm already the owner of hash slot {slot}";
        if (order.Find(order.Text(4)) is not { } source) return $"-ERR I don't know about node {order.Text(4)}";
        return source.Master == null ? ClusterOrder.Ok : TargetNotMaster;
    }

    private static async Task<string> KeepAsync(ClusterOrder order, int slot)
    {
        var isWanted = order.Map.RangeOf(slot).Owner is { } owner && ClusterOrder.IsMoving(order.Map, slot, owner);
        if (isWanted) await order.DoAsync(map => map.KeepSlotAsync(slot)).ConfigureAwait(false);
        return ClusterOrder.Ok;
    }

    private static async Task<string> BindAsync(ClusterOrder order, int slot)
    {
        if (order.Find(order.Text(4)) is not { } target) return $"-ERR Unknown node {order.Text(4)}";
        var owner = order.Map.RangeOf(slot).Owner;
        if (owner == target.Member.Silo) return ClusterOrder.Ok;
        if (target.Master != null) return TargetNotMaster;
        if (owner == null)
        {
            var after = await order.DoAsync(map => map.AssignAsync(target.Member.Silo, [slot])).ConfigureAwait(false);
            return after.RangeOf(slot).Owner == target.Member.Silo ? ClusterOrder.Ok : CannotMove(slot, target.Id);
        }

        if (!await WishAsync(order, slot, owner, target.Member.Silo).ConfigureAwait(false)) return CannotMove(slot, target.Id);
        await order.AwaitMoveAsync(slot, owner).ConfigureAwait(false);
        return order.Map.RangeOf(slot).Owner == target.Member.Silo ? ClusterOrder.Ok : $"-TRYAGAIN Slot {slot} is still on its way to {target.Id}";
    }

    // Whether the slot is there, or on its way.
    private static async Task<bool> WishAsync(ClusterOrder order, int slot, string from, string to)
    {
        bool IsWanted(SlotMap map) => Array.Exists(map.Wanted, move => move.From == from && move.To == to && move.First <= slot && slot <= move.Last);
        var map = order.Map;
        if (!IsWanted(map)) map = await order.DoAsync(grain => grain.MoveSlotsAsync(new SlotMove(slot, slot, from, to))).ConfigureAwait(false);
        return map.RangeOf(slot).Owner == to || IsWanted(map);
    }

    private static async Task<string> ReleaseAsync(ClusterOrder order, int[] slots)
    {
        var after = await order.DoAsync(map => map.ReleaseAsync(order.Silo, slots)).ConfigureAwait(false);
        return Array.Exists(slots, slot => after.RangeOf(slot).Owner == order.Silo)
            ? "-TRYAGAIN Slots have changed their owner meanwhile"
            : ClusterOrder.Ok;
    }

    private static string? WhyNotGivenUp(ClusterOrder order, int slot)
    {
        if (order.Map.RangeOf(slot).Owner is not { } owner) return $"-ERR Slot {slot} is already unassigned";
        if (owner != order.Silo) return $"-ERR Slot {slot} is another node's, which alone can give it up";
        return order.KeysIn(slot) > 0 ? $"-ERR Slot {slot} holds keys, which would be lost" : null;
    }

    /// <summary>The slots that the arguments name, as they come; an error where one is none.</summary>
    private static string? Read(ClusterOrder order, bool isRanges, out int[] slots)
    {
        slots = [];
        if (!isRanges)
        {
            slots = [.. Enumerable.Range(2, order.Count - 2).Select(order.Slot)];
            return slots.Contains(-1) ? NoSlot : null;
        }

        if (order.Count % 2 == 1) return "-" + Engine.Protocol.ErrorText.WrongArity($"cluster|{order.Text(1).ToLowerInvariant()}");
        var named = new List<int>();
        for (var at = 2; at < order.Count; at += 2)
        {
            var (first, last) = (order.Slot(at), order.Slot(at + 1));
            if (first < 0 || last < 0) return NoSlot;
            if (first > last) return $"-ERR start slot number {first} is greater than end slot number {last}";
            if (named.Count + last - first >= 2 * SlotHash.SlotCount) return $"-ERR Slot {first} specified multiple times";
            named.AddRange(Enumerable.Range(first, last - first + 1));
        }

        slots = [.. named];
        return null;
    }

    private static string? FirstError(int[] slots, Func<int, string?> check)
    {
        var seen = new HashSet<int>();
        foreach (var slot in slots)
        {
            if (check(slot) is { } error) return error;
            if (!seen.Add(slot)) return $"-ERR Slot {slot} specified multiple times";
        }

        return null;
    }

    private static string Busy(int slot) => $"-ERR Slot {slot} is already busy";

    private static string CannotMove(int slot, string nodeId) => $"-ERR Slot {slot} cannot go to {nodeId} now";
}

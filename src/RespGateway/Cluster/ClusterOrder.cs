using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// A subcommand of CLUSTER that changes the slot map, while it is carried out: off the loop, since the map's grain is asked. Its reply leaves when this
/// gateway knows the map that came of it.
/// </summary>
internal sealed class ClusterOrder(RespServer server, ArgumentList args)
{
    public const string Ok = "+OK";

    // One does, but where the grain has moved and storage is slow to show what it wrote.
    private const int MaxRefreshes = 10;

    private static readonly TimeSpan MoveTimeout = TimeSpan.FromSeconds(30);

    private readonly ClusterLink _link = server.Cluster!;

    /// <summary>The incarnation of this gateway's silo.</summary>
    public string Silo => _link.Self;

    /// <summary>The latest map, as this node's clients see it.</summary>
    public RouteTable Routes => _link.Routes;

    /// <summary>The latest map, with everybody's circle.</summary>
    public SlotMap Map => _link.Map.Current;

    public ClusterNode[] Nodes => ClusterNode.Of(Routes);

    /// <summary>This node; null where it has not joined.</summary>
    public ClusterNode? Self => Array.Find(Nodes, node => node.IsSelf);

    public int Count => args.Count;

    public string Text(int at) => Encoding.UTF8.GetString(args[at]);

    public bool Is(int at, string word) => Text(at).Equals(word, StringComparison.OrdinalIgnoreCase);

    public ClusterNode? Find(string nodeId) => Array.Find(Nodes, node => node.Id == nodeId);

    /// <summary>A slot among the arguments; -1 where it is none.</summary>
    public int Slot(int at) => TryInteger(at, out var slot) && slot is >= 0 and < SlotHash.SlotCount ? (int)slot : -1;

    public bool TryInteger(int at, out long value) =>
        long.TryParse(args[at], System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out value);

    /// <summary>Keys that this silo has in a slot, of all databases.</summary>
    public long KeysIn(int slot) => Enumerable.Range(0, server.Config.Databases).Sum(database => server.Store.Slots[slot].CountKeys(database));

    /// <summary>Keys that this silo owns.</summary>
    public long CountOwnKeys() => Map.RangesOf(Silo).Sum(range => Enumerable.Range(range.First, range.Count).Sum(KeysIn));

    /// <summary>Has the map's grain do something, and gives the map after it, which this gateway knows then.</summary>
    public async Task<SlotMap> DoAsync(Func<ISlotMapGrain, Task<SlotMap>> change)
    {
        var after = await change(_link.Control!).ConfigureAwait(false);
        for (var attempt = 0; attempt < MaxRefreshes && Map.Version < after.Version; attempt++)
            await _link.Map.RefreshAsync(Map.Version).ConfigureAwait(false);
        return after;
    }

    /// <summary>Waits until a slot has left a silo. False if it takes too long, or is not wanted any more.</summary>
    public async Task<bool> AwaitMoveAsync(int slot, string from)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(SlotMap map)
        {
            if (!IsMoving(map, slot, from)) done.TrySetResult();
        }

        _link.Map.Changed += Look;
        try
        {
            Look(Map);
            await done.Task.WaitAsync(MoveTimeout, _link.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            _link.Map.Changed -= Look;
        }

        return Map.RangeOf(slot).Owner != from;
    }

    /// <summary>Whether an operator has had a slot of a silo's moved, and it has not been yet.</summary>
    public static bool IsMoving(SlotMap map, int slot, string from) =>
        map.RangeOf(slot).Owner == from && Array.Exists(map.Wanted, move => move.From == from && move.First <= slot && slot <= move.Last);
}

using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>The orders of operators.</summary>
public sealed partial class SlotMapGrain
{
    /// <summary>How long after the last wish a copy is kept that was made for it: whoever moves slots one by one moves the next within this time.</summary>
    private static readonly TimeSpan RestAfter = TimeSpan.FromSeconds(10);

    private long _lastWish;

    public Task<SlotMap> MeetAsync(string silo, string other) => DoAsync(new MapEvent.Met(silo, other));

    public Task<SlotMap> ForgetAsync(string nodeId) => DoAsync(new MapEvent.Forgotten(nodeId));

    public Task<SlotMap> ResetAsync(string silo, bool isNewNode) => DoAsync(new MapEvent.Reset(silo, isNewNode ? NodeIdentity.NewId() : null));

    public Task<SlotMap> AssignAsync(string silo, int[] slots) => DoAsync(new MapEvent.Assigned(silo, slots));

    public Task<SlotMap> ReleaseAsync(string silo, int[] slots) => DoAsync(new MapEvent.Released(silo, slots));

    public Task<SlotMap> MoveSlotsAsync(SlotMove move) => WishAsync(new MapEvent.Wished(move));

    public Task<SlotMap> KeepSlotAsync(int slot) => WishAsync(new MapEvent.Kept(slot));

    public Task<SlotMap> ReplicateAsync(string silo, string masterNodeId) => DoAsync(new MapEvent.Pinned(silo, masterNodeId));

    public Task<SlotMap> FailOverAsync(string silo) => WishAsync(new MapEvent.FailedOver(silo));

    private Task<SlotMap> WishAsync(MapEvent wish)
    {
        _lastWish = time.GetTimestamp();
        return DoAsync(wish);
    }
}

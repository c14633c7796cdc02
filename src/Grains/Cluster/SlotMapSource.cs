using Orleans;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>
/// The silo's copy of the slot map. New versions are sent here by the map's grain, and asked for in case that fails; an older one than is
/// here never takes its place. Any thread.
/// </summary>
/// <param name="grains">Where the map's grain is found.</param>
public sealed class SlotMapSource(IGrainFactory grains) : ISlotMapSource
{
    private readonly Lock _gate = new();
    private volatile SlotMap _current = SlotMap.Empty;
    private Task? _refresh;

    public event Action<SlotMap>? Changed;

    public SlotMap Current => _current;

    /// <summary>Does what a map says of this silo's slots, before anybody here sees that map. One map at a time, each newer than the one before.</summary>
    internal Action<SlotMap>? Applying { get; set; }

    /// <summary>Takes the seed of the cluster's hash, once, before the first map is applied: after that there may be keys.</summary>
    internal Action<Guid>? Seeding { get; set; }

    private ISlotMapGrain Grain => grains.GetGrain<ISlotMapGrain>(0);

    /// <summary>Takes a version of the map from wherever it comes, if it is newer.</summary>
    public void Accept(SlotMap map)
    {
        lock (_gate)
        {
            if (map.Version <= _current.Version) return;
            if (_current.Version == 0) Seeding?.Invoke(map.HashSeed);
            Applying?.Invoke(map);
            _current = map;
        }

        Changed?.Invoke(map);
    }

    public Task RefreshAsync(long staleVersion)
    {
        if (_current.Version > staleVersion) return Task.CompletedTask;
        lock (_gate)
        {
            // Those who ask while a question is on its way share its answer.
            if (_refresh is null or { IsCompleted: true }) _refresh = AskAsync();
            return _refresh;
        }
    }

    /// <summary>Asks the map's grain for a newer version.</summary>
    private async Task AskAsync()
    {
        // The question is put outside of the lock that the caller holds.
        await Task.Yield();
        if (await Grain.GetAsync(_current.Version) is { } newer) Accept(newer);
    }
}

using OrleansKv.Contracts;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>A slot map that a test changes.</summary>
internal sealed class TestMap : ISlotMapSource
{
    private SlotMap _current = SlotMap.Empty;

    public event Action<SlotMap>? Changed;

    public SlotMap Current => Volatile.Read(ref _current);

    /// <summary>What a refresh does before it is done.</summary>
    public Action? Refreshing { get; set; }

    /// <summary>Changes the map and gives it the next version.</summary>
    public void Set(MapMember[] members, SlotRange[] ranges, params MapNode[] nodes) =>
        Set(new SlotMap(Current.Version + 1, members, ranges) { Nodes = nodes });

    public void Set(SlotMap map)
    {
        Volatile.Write(ref _current, map);
        Changed?.Invoke(map);
    }

    public Task RefreshAsync(long staleVersion)
    {
        try
        {
            Refreshing?.Invoke();
            return Task.CompletedTask;
        }
        catch (InvalidOperationException error)
        {
            return Task.FromException(error);
        }
    }
}

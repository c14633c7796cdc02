using Orleans;

namespace OrleansKv.Orleans.Conformance;

[Alias("conformance.IOrderGrain")]
public interface IOrderGrain : IGrainWithStringKey
{
    [Alias("Arrive")]
    Task Arrive(int number);

    [Alias("GetArrivals")]
    Task<int[]> GetArrivals();
}

/// <summary>Remembers the order in which its calls came.</summary>
public class OrderGrain : Grain, IOrderGrain
{
    private readonly List<int> _arrivals = [];

    public Task Arrive(int number)
    {
        _arrivals.Add(number);
        return Task.CompletedTask;
    }

    public Task<int[]> GetArrivals() => Task.FromResult<int[]>([.. _arrivals]);
}

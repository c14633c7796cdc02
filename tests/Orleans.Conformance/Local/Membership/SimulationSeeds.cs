using System.Globalization;

namespace OrleansKv.Orleans.Conformance;

/// <summary>The seeds that simulations run with: a few of always the same, or those that MEMBERSHIP_SEEDS=first-last names.</summary>
internal static class SimulationSeeds
{
    public static TheoryData<int> Take(int count)
    {
        if (Environment.GetEnvironmentVariable("MEMBERSHIP_SEEDS") is not string range)
            return [.. Enumerable.Range(1, count)];
        int[] ends = [.. range.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
        return [.. Enumerable.Range(ends[0], ends[^1] - ends[0] + 1)];
    }
}

using System.Net;
using Orleans.Runtime;
using OrleansKv.Grains.Storage;

namespace OrleansKv.Grains.Membership;

/// <summary>What a process asks the cluster's directory before it starts its silo.</summary>
public static class FileClustering
{
    /// <summary>A clock that is behind by more than this was set back, and waiting for it makes no sense.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Waits until a silo that starts on <paramref name="endpoint"/> gets a generation above those of all that were there. Orleans counts
    /// generations in seconds, so a silo that is started again within the second in which its predecessor started would have its name.
    /// </summary>
    /// <exception cref="InvalidOperationException">The predecessor started in the future: the clock was set back.</exception>
    public static async Task AwaitGenerationAsync(string directory, IPEndPoint endpoint, TimeProvider time)
    {
        int last = LastGeneration(directory, endpoint);
        if (SiloAddress.AllocateNewGeneration() > last)
            return;
        if (last - SiloAddress.AllocateNewGeneration() > Limit.TotalSeconds)
            throw new InvalidOperationException(
                $"The last silo on {endpoint} started in the future, by this machine's clock. Set the clock, or use another port.");
        using var timer = new PeriodicTimer(Poll, time);
        while (SiloAddress.AllocateNewGeneration() <= last)
            await timer.WaitForNextTickAsync();
    }

    private static int LastGeneration(string directory, IPEndPoint endpoint)
    {
        (long version, byte[] content) = FileMembershipTable.FileIn(directory).Read();
        if (version == 0)
            return int.MinValue;
        return MembershipDocument.Read(content).Silos
            .Select(row => SiloAddress.FromParsableString(row.Address))
            .Where(silo => silo.Endpoint.Equals(endpoint))
            .Select(silo => silo.Generation)
            .DefaultIfEmpty(int.MinValue)
            .Max();
    }
}

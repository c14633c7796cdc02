// Stands for the ring in Orleans.Runtime.MembershipService.ClusterHealthMonitor: who watches whom.
using System.Text;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>Silos in the order of a hash of their addresses, the last followed by the first.</summary>
internal static class Ring
{
    /// <summary>The next <paramref name="count"/> silos after <paramref name="self"/>, or all others if there are fewer.</summary>
    public static List<SiloAddress> Successors(SiloAddress self, IEnumerable<SiloAddress> silos, int count)
    {
        uint own = Position(self);
        return [.. silos
            .Where(silo => !silo.Equals(self))
            .Select(silo => (Silo: silo, Distance: Position(silo) - own))
            .OrderBy(place => place.Distance)
            .ThenBy(place => place.Silo)
            .Select(place => place.Silo)
            .Take(count)];
    }

    /// <summary>The same in every process: FNV-1a of the address, its bits mixed as MurmurHash3 ends.</summary>
    public static uint Position(SiloAddress silo)
    {
        uint hash = 2166136261;
        foreach (byte part in Encoding.ASCII.GetBytes(silo.ToParsableString()))
            hash = (hash ^ part) * 16777619;
        hash = (hash ^ (hash >> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >> 13)) * 0xC2B2AE35;
        return hash ^ (hash >> 16);
    }
}

// Stands for Orleans.Runtime.GrainDirectory.DirectoryMembershipSnapshot: which silo keeps the registration of a grain.
using System.Text;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// A circle of 32-bit numbers on which every silo has some points. A grain belongs to the silo of the first point at or after its own
/// hash. All silos compute the same from the same members; a silo that joins or leaves moves only what is next to its points.
/// </summary>
internal sealed class HashRing
{
    private const int PointsPerSilo = 30;

    private readonly uint[] _points;
    private readonly SiloAddress[] _silos;

    public HashRing(IEnumerable<SiloAddress> silos)
    {
        var places = silos
            .SelectMany(silo => Enumerable.Range(0, PointsPerSilo).Select(i => (Point: HashOf($"{silo.ToParsableString()}#{i}"), Silo: silo)))
            .OrderBy(place => place.Point).ThenBy(place => place.Silo)
            .ToArray();
        _points = [.. places.Select(place => place.Point)];
        _silos = [.. places.Select(place => place.Silo)];
    }

    /// <summary>Null only where there are no silos.</summary>
    public SiloAddress? OwnerOf(GrainId grain)
    {
        if (_points.Length == 0)
            return null;
        uint hash = StableHash.Mix(StableHash.Add(StableHash.Add(StableHash.Start, grain.Type.Value.AsSpan()), grain.Key.AsSpan()));
        int index = Array.BinarySearch(_points, hash);
        if (index < 0)
            index = ~index;
        return _silos[index == _points.Length ? 0 : index];
    }

    private static uint HashOf(string text) => StableHash.Mix(StableHash.Add(StableHash.Start, Encoding.UTF8.GetBytes(text)));
}

/// <summary>FNV-1a in 64 bits: the same in every process, as the framework's hashes are not.</summary>
internal static class StableHash
{
    public const ulong Start = 14695981039346656037;

    public static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (byte part in bytes)
            hash = (hash ^ part) * 1099511628211;
        return hash;
    }

    /// <summary>Spreads the bits as MurmurHash3 does at its end, since short texts differ in few.</summary>
    public static uint Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return (uint)(hash >> 32);
    }
}

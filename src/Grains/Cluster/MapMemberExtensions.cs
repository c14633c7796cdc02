using OrleansKv.Contracts;

namespace OrleansKv.Grains.Cluster;

/// <summary>A member's entry with other replicas.</summary>
internal static class MapMemberExtensions
{
    /// <summary>With one more replica, in sync with nothing, as the last one.</summary>
    public static MapMember WithReplica(this MapMember member, string replica) => member with { Replicas = [.. member.Replicas, replica] };

    /// <summary>Without a replica.</summary>
    public static MapMember Without(this MapMember member, string replica)
    {
        var rest = member with { Replicas = [.. member.Replicas.Where(other => other != replica)] };
        var index = Array.IndexOf(member.InSync, replica);
        return index < 0 ? rest : rest with { InSync = Except(rest.InSync, index), SyncedThrough = Except(rest.SyncedThrough, index) };
    }

    private static T[] Except<T>(T[] items, int index) => [.. items[..index], .. items[(index + 1)..]];
}

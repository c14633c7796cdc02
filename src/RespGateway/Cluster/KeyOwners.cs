using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>Who owns the keys of commands.</summary>
internal static class KeyOwners
{
    /// <summary>In place of a member: several own the keys.</summary>
    public const int Several = -2;

    /// <summary>In place of a member: there are no keys.</summary>
    public const int None = -3;

    public static ReadOnlySpan<byte> SeveralSilos => "CROSSSLOT Keys in request are owned by several silos"u8;

    /// <summary>The one member that owns all keys; <see cref="RouteTable.Nobody"/>, if only of one key, comes before <see cref="Several"/>.</summary>
    public static int Of(RouteTable routes, CommandRow row, ArgumentList args, int soFar = None)
    {
        foreach (var spec in row.Keys)
        {
            var (first, last) = spec.Resolve(args);
            for (var i = first; i <= last; i += spec.Step) soFar = Add(soFar, routes.OwnerOf(SlotHash.Of(args[i])));
        }

        return soFar;
    }

    /// <summary>One more owner.</summary>
    public static int Add(int soFar, int owner)
    {
        if (soFar == RouteTable.Nobody || owner == RouteTable.Nobody) return RouteTable.Nobody;
        return soFar == None || soFar == owner ? owner : Several;
    }
}

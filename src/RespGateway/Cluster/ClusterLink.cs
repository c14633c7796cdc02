using Orleans;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Replication;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>A gateway's place in a cluster: which silo it belongs to, and where it learns who owns which slots. Any thread.</summary>
/// <param name="self">The incarnation of the silo whose store the gateway serves, as the slot map names it.</param>
/// <param name="map">The slot map.</param>
/// <param name="forwarder">How commands reach the owners of their slots; not needed in cluster mode, where clients go there.</param>
/// <param name="messenger">How messages reach the subscribers of other gateways.</param>
/// <param name="control">Who changes the map for operators; without it they cannot.</param>
public sealed class ClusterLink(
    string self, ISlotMapSource map, IBatchForwarder? forwarder = null, ISiloMessenger? messenger = null, ISlotMapGrain? control = null)
{
    // How long clients are held back until a slot's new owner has the map: it takes some milliseconds.
    private static readonly TimeSpan OwnerHearsWithin = TimeSpan.FromMilliseconds(100);

    private volatile RouteTable? _routes;

    /// <summary>The silo's incarnation.</summary>
    public string Self { get; } = self;

    public ISlotMapSource Map { get; } = map;

    public IBatchForwarder? Forwarder { get; } = forwarder;

    public ISiloMessenger? Messenger { get; } = messenger;

    /// <summary>The silos that may have gateways: unless something else is said, the members of the map.</summary>
    public Func<IReadOnlyCollection<string>> Gateways { get; init; } = () => Array.ConvertAll(map.Current.SeenBy(self).Members, member => member.Silo);

    /// <summary>A gateway's place in a cluster of silos that call each other's grains.</summary>
    public static ClusterLink Over(IGrainFactory grains, string self, ISlotMapSource map, IClusterMembershipService membership) =>
        new(self, map, new GrainForwarder(grains), new GrainMessenger(grains), grains.GetGrain<ISlotMapGrain>(0))
        {
            Gateways = new LiveSilos(membership, map, self).Get,
        };

    public ISlotMapGrain? Control { get; } = control;

    /// <summary>How long operators wait.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The latest map as clients of this node are to see it, prepared for looking slots up.</summary>
    internal RouteTable Routes
    {
        get
        {
            var map = Map.Current;
            var routes = _routes;
            if (routes == null || !ReferenceEquals(routes.Whole, map)) _routes = routes = new RouteTable(map, Self) { MadeAt = Time.GetTimestamp() };
            return routes;
        }
    }

    /// <summary>Whether this silo has just given a slot to an owner that may not know it yet, and would send clients back here.</summary>
    /// <param name="routes">The map.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="replication">Knows what the owner has heard of; null where nobody does.</param>
    internal bool IsOwnerToHear(RouteTable routes, int slot, IReplicationState? replication)
    {
        var range = routes.Whole.RangeOf(slot);
        return range.KeptBy == Self && range.Owner != null && replication?.MapVersionOf(range.Owner) < range.Epoch
            && Time.GetElapsedTime(routes.MadeAt) < OwnerHearsWithin;
    }
}

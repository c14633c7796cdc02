using Orleans;
using Orleans.Runtime;
using OrleansKv.Contracts;

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
            if (routes == null || !ReferenceEquals(routes.Whole, map)) _routes = routes = new RouteTable(map, Self);
            return routes;
        }
    }
}

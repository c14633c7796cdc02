using Orleans;

namespace OrleansKv.Contracts;

/// <summary>What an operator has made of a node, over all its incarnations; a node without such an entry is of the cluster that assigns its
/// slots by itself, and replicates whom the planner says.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Circle">Nodes of one circle have met, and make up the cluster that clients see: only they redirect to each other, and keep copies of
/// each other. A node that starts alone is in a circle of its own. Empty: the circle of those that came by themselves.</param>
/// <param name="Master">The id of the node that it replicates as long as it owns no slots; empty where it may be given some.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.MapNode")]
public sealed record MapNode([property: Id(0)] string NodeId, [property: Id(1)] string Circle, [property: Id(2)] string Master = "");

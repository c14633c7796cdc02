// Stands for Orleans's choice of a membership table when a silo is configured.
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// The membership that this silo's calls and directory go by; null in a silo alone, which has no table. It is apart from the service that
/// code above the runtime sees, so that tests of such code may show it silos that are only names.
/// </summary>
internal sealed record RuntimeMembership(IClusterMembershipService? Service);

using Orleans;

namespace OrleansKv.Contracts;

/// <summary>What the owner of a blocking command's keys says.</summary>
/// <param name="Reply">The command's reply; without meaning where it waits.</param>
/// <param name="Waits">Whether the command waits: there is nothing for it yet.</param>
/// <param name="TimeoutMs">How long the command is to wait at most, as its arguments say; 0 is for ever.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.WaitAnswer")]
public readonly record struct WaitAnswer([property: Id(0)] RespBatch Reply, [property: Id(1)] bool Waits, [property: Id(2)] long TimeoutMs);

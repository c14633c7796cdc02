namespace OrleansKv.Drill.Load;

/// <summary>Who writes what.</summary>
/// <param name="Ports">Nodes that clients begin with.</param>
/// <param name="Writers">Threads that write at full speed.</param>
/// <param name="KeysOfAKind">Keys of each kind that a writer owns at a time.</param>
/// <param name="TimeoutMs">How long most clients wait for a reply.</param>
/// <param name="Groups">Groups of slots that are probed.</param>
/// <param name="Registers">Registers that several clients share.</param>
/// <param name="Seed">From which every client's choices follow.</param>
internal sealed record LoadSettings(
    IReadOnlyList<int> Ports, int Writers, int KeysOfAKind, int TimeoutMs, int Groups, int Registers, int Seed);

// Stands for Orleans.Runtime.IRuntimeClient: what references call through, in a silo or in a client outside of it.
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

internal interface ICallRuntime
{
    GrainManifest Manifest { get; }

    ObserverTable Observers { get; }

    /// <summary>Sends a call; returns what the method of the interface returns.</summary>
    object? Call(GrainId target, InvokableMethod method, object?[] arguments);
}

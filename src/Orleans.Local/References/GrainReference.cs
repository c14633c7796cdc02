// Stands for Orleans.Runtime.GrainReference. Orleans generates a class per interface at build time; here DispatchProxy makes one
// at run time whose every method ends in Invoke.
using System.Reflection;
using OrleansKv.LocalRuntime;

namespace Orleans.Runtime;

/// <summary>A grain (or an observer) as its callers hold it: an identity and an interface, with no claim on any activation.</summary>
public class GrainReference : DispatchProxy, IAddressable, IEquatable<GrainReference>
{
    private ICallRuntime _runtime = null!;
    private Type _interfaceType = typeof(IAddressable);

    public GrainId GrainId { get; private set; }

    public GrainInterfaceType InterfaceType => GrainInterfaceType.Create(_interfaceType.FullName!);

    public string InterfaceName => _interfaceType.Name;

    internal string WireInterfaceName => WireTypes.SimpleNameOf(_interfaceType);

    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);

    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => GrainId.GetHashCode();

    public override string ToString() => $"GrainReference:{GrainId}:{InterfaceName}";

    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) =>
        reference1 is null ? reference2 is null : reference1.Equals(reference2);

    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !(reference1 == reference2);

    internal static GrainReference Create(ICallRuntime runtime, GrainId grainId, Type interfaceType)
    {
        var reference = (GrainReference)Create(interfaceType, typeof(GrainReference));
        reference._runtime = runtime;
        reference.GrainId = grainId;
        reference._interfaceType = interfaceType;
        return reference;
    }

    internal T WithInterface<T>() => this is T same ? same : (T)(object)Create(_runtime, GrainId, typeof(T));

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _runtime.Call(GrainId, InvokableMethod.Of(targetMethod!), args ?? []);
}

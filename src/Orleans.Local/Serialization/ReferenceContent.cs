// Stands for Orleans.Runtime.GrainReferenceCodec.
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>A reference crosses as its identity and its interface, and calls through the runtime it arrives at.</summary>
internal sealed class ReferenceContent : Content
{
    public override void Write(WireWriter writer, object value)
    {
        var reference = (GrainReference)value;
        BasicCodecs.WriteGrainId(writer, reference.GrainId);
        writer.WriteString(reference.WireInterfaceName);
    }

    public override object Read(WireReader reader, int position)
    {
        var grainId = BasicCodecs.ReadGrainId(reader);
        string name = reader.ReadString();
        var runtime = reader.Runtime ?? throw new SerializerException($"A reference to {grainId} where nothing can be called.");
        var interfaceType = WireTypes.FindMarked(name);
        return interfaceType is { IsInterface: true, ContainsGenericParameters: false }
            ? GrainReference.Create(runtime, grainId, interfaceType)
            : throw new SerializerException($"'{name}' is no grain interface that is known here.");
    }
}

// Stands for Orleans.Serialization.Serializer.
using OrleansKv.LocalRuntime;

namespace Orleans.Serialization;

/// <summary>Turns values into bytes and back, as they cross between processes.</summary>
public sealed class Serializer
{
    private readonly Func<ICallRuntime?> _runtime;

    internal Serializer(Func<ICallRuntime?> runtime) => _runtime = runtime;

    public byte[] SerializeToArray<T>(T value)
    {
        var writer = new WireWriter();
        writer.BeginValue();
        Codecs.Of<T>().Write(writer, value);
        return writer.Buffer.AsSpan(0, writer.Length).ToArray();
    }

    /// <summary>Throws <see cref="SerializerException"/> for bytes that are no such value.</summary>
    public T Deserialize<T>(byte[] source)
    {
        var reader = new WireReader(_runtime());
        reader.Reset(source, 0, source.Length);
        var value = Codecs.Of<T>().Read(reader);
        return reader.Remaining == 0 ? value : throw new SerializerException($"{reader.Remaining} bytes are left after the value.");
    }
}

// Stands for Orleans.Serialization.SerializerException and Orleans.Serialization.CodecNotFoundException.
namespace Orleans.Serialization;

/// <summary>A value could not be written, or bytes could not be read.</summary>
public class SerializerException : Exception
{
    public SerializerException()
    {
    }

    public SerializerException(string message)
        : base(message)
    {
    }

    public SerializerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A value of a type that has no serializer was about to cross a grain interface.</summary>
public sealed class CodecNotFoundException(string message) : SerializerException(message);

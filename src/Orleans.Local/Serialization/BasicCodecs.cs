// Stands for Orleans.Serialization.Codecs: the codecs of the framework's own types, and of the identities of Orleans.
using System.Net;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

internal static class BasicCodecs
{
    private static readonly Dictionary<Type, object> Known = new()
    {
        [typeof(bool)] = New((writer, value) => writer.WriteByte(value ? (byte)1 : (byte)0), reader => reader.ReadByte() != 0),
        [typeof(byte)] = New((writer, value) => writer.WriteByte(value), reader => reader.ReadByte()),
        [typeof(sbyte)] = New((writer, value) => writer.WriteByte((byte)value), reader => (sbyte)reader.ReadByte()),
        [typeof(char)] = New((writer, value) => writer.WriteVarint(value), reader => (char)reader.ReadVarint()),
        [typeof(short)] = New((writer, value) => writer.WriteSigned(value), reader => (short)reader.ReadSigned()),
        [typeof(ushort)] = New((writer, value) => writer.WriteVarint(value), reader => (ushort)reader.ReadVarint()),
        [typeof(int)] = New((writer, value) => writer.WriteSigned(value), reader => (int)reader.ReadSigned()),
        [typeof(uint)] = New((writer, value) => writer.WriteVarint(value), reader => (uint)reader.ReadVarint()),
        [typeof(long)] = New((writer, value) => writer.WriteSigned(value), reader => reader.ReadSigned()),
        [typeof(ulong)] = New((writer, value) => writer.WriteVarint(value), reader => reader.ReadVarint()),
        [typeof(float)] = New(
            (writer, value) => writer.WriteUInt32(BitConverter.SingleToUInt32Bits(value)),
            reader => BitConverter.UInt32BitsToSingle(reader.ReadUInt32())),
        [typeof(double)] = New(
            (writer, value) => writer.WriteUInt64(BitConverter.DoubleToUInt64Bits(value)),
            reader => BitConverter.UInt64BitsToDouble(reader.ReadUInt64())),
        [typeof(decimal)] = New(WriteDecimal, ReadDecimal),
        [typeof(Guid)] = New<Guid>((writer, value) => writer.WriteRaw(value.ToByteArray()), reader => new(reader.ReadRaw(16))),
        [typeof(TimeSpan)] = New<TimeSpan>((writer, value) => writer.WriteSigned(value.Ticks), reader => new(reader.ReadSigned())),
        [typeof(DateTime)] = New((writer, value) => writer.WriteUInt64((ulong)value.ToBinary()), ReadDateTime),
        [typeof(DateTimeOffset)] = New(WriteDateTimeOffset, ReadDateTimeOffset),
        [typeof(DateOnly)] = New(
            (writer, value) => writer.WriteSigned(value.DayNumber), reader => Checked(() => DateOnly.FromDayNumber((int)reader.ReadSigned()))),
        [typeof(TimeOnly)] = New(
            (writer, value) => writer.WriteSigned(value.Ticks), reader => Checked(() => new TimeOnly(reader.ReadSigned()))),
        [typeof(string)] = NewNullable((writer, value) => writer.WriteString(value), reader => reader.ReadString()),
        [typeof(byte[])] = NewNullable((writer, value) => writer.WriteBytes(value), reader => reader.ReadBytes().ToArray()),
        [typeof(Uri)] = NewNullable(
            (writer, value) => writer.WriteString(value.OriginalString),
            reader => Checked(() => new Uri(reader.ReadString(), UriKind.RelativeOrAbsolute))),
        [typeof(Version)] = NewNullable(
            (writer, value) => writer.WriteString(value.ToString()), reader => Checked(() => Version.Parse(reader.ReadString()))),
        [typeof(IPAddress)] = NewNullable(
            (writer, value) => writer.WriteBytes(value.GetAddressBytes()), reader => ReadAddress(reader.ReadBytes())),
        [typeof(IPEndPoint)] = NewNullable(WriteEndPoint, ReadEndPoint),
        [typeof(SiloAddress)] = NewNullable(WriteSilo, ReadSilo),
        [typeof(IdSpan)] = New((writer, value) => writer.WriteBytes(value.AsSpan()), ReadIdSpan),
        [typeof(GrainType)] = New<GrainType>((writer, value) => writer.WriteBytes(value.Value.AsSpan()), reader => new(ReadIdSpan(reader))),
        [typeof(GrainInterfaceType)] = New<GrainInterfaceType>(
            (writer, value) => writer.WriteString(value.ToString()), reader => GrainInterfaceType.Create(reader.ReadString())),
        [typeof(GrainId)] = New(WriteGrainId, ReadGrainId),
    };

    /// <summary>The types that have a codec here.</summary>
    public static IEnumerable<Type> Types => Known.Keys;

    public static object? Find(Type type) => Known.GetValueOrDefault(type);

    public static void WriteGrainId(WireWriter writer, GrainId value)
    {
        writer.WriteBytes(value.Type.Value.AsSpan());
        writer.WriteBytes(value.Key.AsSpan());
    }

    public static GrainId ReadGrainId(WireReader reader) => new(new(ReadIdSpan(reader)), ReadIdSpan(reader));

    public static void WriteSilo(WireWriter writer, SiloAddress value)
    {
        WriteEndPoint(writer, value.Endpoint);
        writer.WriteSigned(value.Generation);
    }

    public static SiloAddress ReadSilo(WireReader reader) => SiloAddress.New(ReadEndPoint(reader), (int)reader.ReadSigned());

    private static IdSpan ReadIdSpan(WireReader reader)
    {
        var bytes = reader.ReadBytes();
        return bytes.IsEmpty ? default : new(bytes.ToArray());
    }

    private static void WriteEndPoint(WireWriter writer, IPEndPoint value)
    {
        writer.WriteBytes(value.Address.GetAddressBytes());
        writer.WriteVarint((uint)value.Port);
    }

    private static IPEndPoint ReadEndPoint(WireReader reader)
    {
        var address = ReadAddress(reader.ReadBytes());
        return Checked(() => new IPEndPoint(address, (int)reader.ReadVarint()));
    }

    private static IPAddress ReadAddress(ReadOnlySpan<byte> bytes) =>
        bytes.Length is 4 or 16 ? new(bytes) : throw new SerializerException($"An IP address of {bytes.Length} bytes.");

    private static void WriteDecimal(WireWriter writer, decimal value)
    {
        foreach (int part in decimal.GetBits(value))
            writer.WriteUInt32((uint)part);
    }

    private static decimal ReadDecimal(WireReader reader)
    {
        int[] parts = [(int)reader.ReadUInt32(), (int)reader.ReadUInt32(), (int)reader.ReadUInt32(), (int)reader.ReadUInt32()];
        return Checked(() => new decimal(parts));
    }

    private static DateTime ReadDateTime(WireReader reader)
    {
        long binary = (long)reader.ReadUInt64();
        return Checked(() => DateTime.FromBinary(binary));
    }

    private static void WriteDateTimeOffset(WireWriter writer, DateTimeOffset value)
    {
        writer.WriteSigned(value.Ticks);
        writer.WriteSigned(value.TotalOffsetMinutes);
    }

    private static DateTimeOffset ReadDateTimeOffset(WireReader reader)
    {
        long ticks = reader.ReadSigned(), minutes = reader.ReadSigned();
        return Checked(() => new DateTimeOffset(ticks, TimeSpan.FromMinutes(minutes)));
    }

    /// <summary>Turns what a constructor says about numbers from the wire into what a reader says about bytes.</summary>
    private static T Checked<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            throw new SerializerException($"Bytes that are no {typeof(T)}.", exception);
        }
    }

    private static DelegateCodec<T> New<T>(Action<WireWriter, T> write, Func<WireReader, T> read) => new(write, read);

    private static NullableDelegateCodec<T> NewNullable<T>(Action<WireWriter, T> write, Func<WireReader, T> read)
        where T : class => new(write, read);

    private sealed class DelegateCodec<T>(Action<WireWriter, T> write, Func<WireReader, T> read) : Codec<T>
    {
        public override void Write(WireWriter writer, T value) => write(writer, value);

        public override T Read(WireReader reader) => read(reader);
    }

    private sealed class NullableDelegateCodec<T>(Action<WireWriter, T> write, Func<WireReader, T> read) : Codec<T?>
        where T : class
    {
        public override void Write(WireWriter writer, T? value)
        {
            writer.WriteByte(value is null ? (byte)0 : (byte)1);
            if (value is not null)
                write(writer, value);
        }

        public override T? Read(WireReader reader) => reader.ReadByte() == 0 ? null : read(reader);
    }
}

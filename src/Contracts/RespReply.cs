using System.Buffers.Text;
using System.Text;

namespace OrleansKv.Contracts;

/// <summary>Reads one RESP2 reply into .NET values.</summary>
/// <remarks>
/// Simple strings become <see cref="string"/>, integers <see cref="long"/>, bulk strings <see cref="T:byte[]"/>, arrays
/// <see cref="T:object[]"/>, nulls null. An error that is the whole reply is thrown, one inside an array becomes the exception object.
/// </remarks>
public static class RespReply
{
    /// <exception cref="KvException">The reply is an error.</exception>
    /// <exception cref="FormatException">The bytes are no RESP2 reply.</exception>
    public static object? Parse(ReadOnlySpan<byte> reply)
    {
        var value = Read(ref reply);
        return value is KvException error ? throw error : value;
    }

    private static object? Read(ref ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty) throw Incomplete();
        var type = rest[0];
        var line = TakeLine(ref rest);
        switch (type)
        {
            case (byte)'+':
                return Encoding.UTF8.GetString(line);
            case (byte)'-':
                return new KvException(Encoding.UTF8.GetString(line));
            case (byte)':':
                return Number(line);
            case (byte)'$':
                return TakeBulk(ref rest, (int)Number(line));
            case (byte)'*':
                return ReadArray(ref rest, (int)Number(line));
            default:
                throw new FormatException($"A reply does not begin with '{(char)type}'.");
        }
    }

    private static object?[]? ReadArray(ref ReadOnlySpan<byte> rest, int count)
    {
        if (count < 0) return null;
        var items = new object?[count];
        for (var i = 0; i < count; i++) items[i] = Read(ref rest);
        return items;
    }

    private static byte[]? TakeBulk(ref ReadOnlySpan<byte> rest, int length)
    {
        if (length < 0) return null;
        if (rest.Length < length + 2) throw Incomplete();
        var bytes = rest[..length].ToArray();
        rest = rest[(length + 2)..];
        return bytes;
    }

    /// <summary>The line without its type byte and its end, which are passed over.</summary>
    private static ReadOnlySpan<byte> TakeLine(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf("\r\n"u8);
        if (end < 0) throw Incomplete();
        var line = rest[1..end];
        rest = rest[(end + 2)..];
        return line;
    }

    private static FormatException Incomplete() => new("The reply ends before it is whole.");

    private static long Number(ReadOnlySpan<byte> line) =>
        Utf8Parser.TryParse(line, out long number, out var used) && used == line.Length
            ? number
            : throw new FormatException("A reply holds a malformed number.");
}

/// <summary>An error reply: the command was refused, or failed as its text says.</summary>
public sealed class KvException(string message) : Exception(message);

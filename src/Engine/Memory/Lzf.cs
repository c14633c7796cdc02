namespace OrleansKv.Engine.Memory;

/// <summary>The LZF format, in which Redis keeps chunks of lists and writes strings to RDB files.</summary>
/// <remarks>
/// A stream of runs. A control byte below 32 is followed by that many literal bytes and one more. Otherwise its upper three bits are the
/// length of a repetition less two, 7 meaning that a byte with more of it follows, and its lower five bits with the next byte are the
/// distance less one. Format: LibLZF (Marc Lehmann).
/// </remarks>
public static class Lzf
{
    private const int MaxLiterals = 32;
    private const int MaxDistance = 8192;
    private const int MaxRepetition = 264;
    private const int HashBits = 13;

    // Where a hash of three bytes was last seen, plus one. What an earlier input left is not told from what is there, so it is cleared.
    [ThreadStatic]
    private static int[]? _lastSeen;

    /// <summary>Compresses; gives the number of bytes written, or 0 where they do not fit into <paramref name="output"/>.</summary>
    public static int Compress(ReadOnlySpan<byte> input, Span<byte> output)
    {
        var lastSeen = _lastSeen ??= new int[1 << HashBits];
        Array.Clear(lastSeen);
        var written = 0;
        var literalsFrom = 0;
        var at = 0;
        while (at + 2 < input.Length)
        {
            ref var seen = ref lastSeen[HashOf(input, at)];
            var candidate = seen - 1;
            seen = at + 1;
            var length = candidate >= 0 && at - candidate <= MaxDistance ? MatchLength(input, candidate, at) : 0;
            if (length < 3)
            {
                at++;
                continue;
            }

            if (!TryWriteLiterals(input[literalsFrom..at], output, ref written)) return 0;
            if (!TryWriteRepetition(at - candidate - 1, length - 2, output, ref written)) return 0;
            at += length;
            literalsFrom = at;
        }

        return TryWriteLiterals(input[literalsFrom..], output, ref written) ? written : 0;
    }

    /// <summary>Decompresses; false where the input is damaged or does not fill <paramref name="output"/> exactly.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> input, Span<byte> output)
    {
        var from = 0;
        var to = 0;
        while (from < input.Length)
        {
            int control = input[from++];
            if (control < MaxLiterals)
            {
                var count = control + 1;
                if (count > input.Length - from || count > output.Length - to) return false;
                input.Slice(from, count).CopyTo(output[to..]);
                from += count;
                to += count;
                continue;
            }

            var length = control >> 5;
            if (length == 7)
            {
                if (from == input.Length) return false;
                length += input[from++];
            }

            if (from == input.Length) return false;
            var distance = (((control & 0x1F) << 8) | input[from++]) + 1;
            length += 2;
            if (distance > to || length > output.Length - to) return false;
            Repeat(output, to, distance, length);
            to += length;
        }

        return to == output.Length;
    }

    // The repetition may overlap what it writes.
    private static void Repeat(Span<byte> output, int to, int distance, int length)
    {
        if (distance >= length)
        {
            output.Slice(to - distance, length).CopyTo(output[to..]);
            return;
        }

        for (var i = 0; i < length; i++) output[to + i] = output[to - distance + i];
    }

    private static uint HashOf(ReadOnlySpan<byte> input, int at) =>
        ((uint)(input[at] | (input[at + 1] << 8) | (input[at + 2] << 16)) * 2654435761u) >> (32 - HashBits);

    private static int MatchLength(ReadOnlySpan<byte> input, int candidate, int at)
    {
        var limit = Math.Min(input.Length - at, MaxRepetition);
        return input.Slice(candidate, limit).CommonPrefixLength(input.Slice(at, limit));
    }

    private static bool TryWriteLiterals(ReadOnlySpan<byte> literals, Span<byte> output, ref int written)
    {
        while (literals.Length > 0)
        {
            var count = Math.Min(literals.Length, MaxLiterals);
            if (count + 1 > output.Length - written) return false;
            output[written++] = (byte)(count - 1);
            literals[..count].CopyTo(output[written..]);
            written += count;
            literals = literals[count..];
        }

        return true;
    }

    private static bool TryWriteRepetition(int distance, int length, Span<byte> output, ref int written)
    {
        if (written + 3 > output.Length) return false;
        output[written++] = (byte)((Math.Min(length, 7) << 5) | (distance >> 8));
        if (length >= 7) output[written++] = (byte)(length - 7);
        output[written++] = (byte)distance;
        return true;
    }
}

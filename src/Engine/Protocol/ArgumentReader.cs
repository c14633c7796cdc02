using System.Globalization;
using System.Text;

namespace OrleansKv.Engine.Protocol;

/// <summary>
/// Reads a command's arguments from left to right and latches the first error, so that a handler checks once, at the end.
/// </summary>
/// <remarks>After an error every read gives an empty or zero value and <see cref="HasMore"/> is false, so that option loops end.</remarks>
public ref struct ArgumentReader
{
    private readonly ArgumentList _args;
    private int _at;

    /// <summary>Reads from argument <paramref name="at"/> on (0 is the command's name).</summary>
    public ArgumentReader(ArgumentList args, int at)
    {
        _args = args;
        _at = at;
    }

    /// <summary>The first error's text, or empty.</summary>
    public ReadOnlySpan<byte> Error { get; private set; }

    public readonly bool Failed => Error.Length > 0;

    public readonly bool HasMore => _at < _args.Count && !Failed;

    /// <summary>Arguments not yet read.</summary>
    public readonly int Remaining => Failed ? 0 : _args.Count - _at;

    /// <summary>Index of the argument that is read next.</summary>
    public readonly int Position => _at;

    /// <summary>The next argument; a missing one is a syntax error.</summary>
    public ReadOnlySpan<byte> Next()
    {
        if (HasMore) return _args[_at++];
        Fail(ErrorText.Syntax);
        return default;
    }

    /// <summary>Steps over the next argument where it is this word, in any case.</summary>
    public bool TryWord(ReadOnlySpan<byte> word)
    {
        if (!HasMore || !Ascii.EqualsIgnoreCase(_args[_at], word)) return false;
        _at++;
        return true;
    }

    /// <summary>The next argument as a 64-bit integer.</summary>
    public long NextInteger(ReadOnlySpan<byte> error = default)
    {
        var text = Next();
        if (Failed) return 0;
        if (NumberText.TryParseInteger(text, out var value)) return value;
        Fail(error.Length > 0 ? error : ErrorText.NotInteger);
        return 0;
    }

    /// <summary>The next argument as an integer between bounds, both included.</summary>
    public long NextInteger(long min, long max, ReadOnlySpan<byte> error = default)
    {
        var value = NextInteger(error);
        if (Failed || (value >= min && value <= max)) return value;
        Fail(error.Length > 0 ? error : ErrorText.ValueOutOfRange);
        return 0;
    }

    /// <summary>The next argument as a double.</summary>
    public double NextDouble(ReadOnlySpan<byte> error = default)
    {
        var text = Next();
        if (Failed) return 0;
        if (NumberText.TryParseDouble(text, out var value)) return value;
        Fail(error.Length > 0 ? error : ErrorText.NotFloat);
        return 0;
    }

    /// <summary>The next argument as a double between bounds, both included.</summary>
    public double NextDouble(double min, double max)
    {
        var value = NextDouble();
        if (Failed || (value >= min && value <= max)) return value;
        Fail(ErrorText.ValueOutOfRange);
        return 0;
    }

    /// <summary>The next argument as a time limit in seconds, given in milliseconds, rounded up; 0 is none.</summary>
    public long NextTimeoutMs()
    {
        var text = Next();
        if (Failed) return 0;
        if (!NumberText.TryParseDouble(text, out var seconds))
        {
            // Redis 7.0 reads a wider float here, and what exceeds 64 bits of milliseconds comes out as negative.
            var isHuge = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out seconds) && double.IsInfinity(seconds);
            Fail(isHuge ? ErrorText.TimeoutNegative : ErrorText.TimeoutNotFloat);
            return 0;
        }

        var timeoutMs = Math.Ceiling(seconds * 1000);
        if (timeoutMs is >= 0 and < long.MaxValue) return (long)timeoutMs;
        Fail(ErrorText.TimeoutNegative);
        return 0;
    }

    /// <summary>Latches an error, unless there is one already.</summary>
    public void Fail(ReadOnlySpan<byte> error)
    {
        if (!Failed) Error = error;
    }

    /// <summary>Writes the latched error; false where there is none.</summary>
    public readonly bool WriteError(ref ReplyWriter reply)
    {
        if (!Failed) return false;
        reply.Error(Error);
        return true;
    }
}

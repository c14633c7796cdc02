using System.Runtime.CompilerServices;

namespace OrleansKv.Engine.Protocol;

/// <summary>What <see cref="CommandReader.TryRead"/> found.</summary>
public enum ReadStatus
{
    /// <summary>A whole command, now in the argument list. Its count may be 0 (an empty line or array), which is passed over.</summary>
    Command,

    /// <summary>The bytes end within a command.</summary>
    NeedMore,

    /// <summary>The client does not speak the protocol: reply <see cref="CommandReader.Error"/> and close.</summary>
    ProtocolError,
}

/// <summary>The limits that a reader enforces, with Redis's names.</summary>
/// <param name="MaxBulkBytes">proto-max-bulk-len.</param>
/// <param name="IsAuthenticated">Before authentication only 10 arguments of 16 KiB are taken.</param>
public readonly record struct ReaderLimits(long MaxBulkBytes, bool IsAuthenticated);

/// <summary>
/// Cuts pipelined commands out of received bytes: RESP arrays of bulk strings, and inline commands.
/// </summary>
/// <remarks>A reader lives for one pass over a buffer and keeps nothing between passes but what the caller passes in: a command whose
/// end is missing is read again from its start when more has come, except that <see cref="NeededBytes"/> says how much the bulk
/// under way still lacks, so that a big value is not scanned for every packet.</remarks>
public unsafe ref struct CommandReader
{
    private const int MaxInlineBytes = 64 * 1024;

    private readonly byte* _start;
    private readonly int _length;
    private readonly ReaderLimits _limits;
    private int _previous;

    public CommandReader(byte* start, int length, ReaderLimits limits)
    {
        _start = start;
        _length = length;
        _limits = limits;
    }

    /// <summary>Bytes of whole commands read so far.</summary>
    public int Consumed { get; private set; }

    /// <summary>Goes back to before the command read last, which is to be read again later.</summary>
    public void Unread() => Consumed = _previous;

    /// <summary>After <see cref="ReadStatus.NeedMore"/>: no command can be complete before the buffer holds this many bytes beyond
    /// <see cref="Consumed"/>.</summary>
    public long NeededBytes { get; private set; }

    /// <summary>After <see cref="ReadStatus.ProtocolError"/>: the whole error text.</summary>
    public string? Error { get; private set; }

    /// <summary>Reads the next command into <paramref name="args"/>.</summary>
    public ReadStatus TryRead(ArgumentList args)
    {
        NeededBytes = 1;
        _previous = Consumed;
        if (Consumed == _length) return ReadStatus.NeedMore;
        args.Reset(_start);
        if (_start[Consumed] != '*') return TryReadInlineSlow(args);
        var at = Consumed + 1;
        var status = TryReadLength(ref at, out var count);
        if (status != ReadStatus.Command) return status == ReadStatus.NeedMore ? NeedLine(at, "ERR Protocol error: too big mbulk count string") : Fail("ERR Protocol error: invalid multibulk length");
        if (count > int.MaxValue) return Fail("ERR Protocol error: invalid multibulk length");
        if (count > 10 && !_limits.IsAuthenticated) return Fail("ERR Protocol error: unauthenticated multibulk length");
        for (; count > 0; count--)
        {
            status = TryReadBulk(ref at, args);
            if (status != ReadStatus.Command) return status;
        }

        Consumed = at;
        return ReadStatus.Command;
    }

    private ReadStatus TryReadBulk(ref int at, ArgumentList args)
    {
        if (at >= _length) return ReadStatus.NeedMore;
        if (_start[at] != '$') return Fail($"ERR Protocol error: expected '$', got '{(char)_start[at]}'");
        var line = at;
        at++;
        var status = TryReadLength(ref at, out var length);
        if (status == ReadStatus.NeedMore) return NeedLine(line, "ERR Protocol error: too big bulk count string");
        if (status != ReadStatus.Command || length < 0 || length > _limits.MaxBulkBytes) return Fail("ERR Protocol error: invalid bulk length");
        if (length > 16384 && !_limits.IsAuthenticated) return Fail("ERR Protocol error: unauthenticated bulk length");
        if (length + 2 > _length - at)
        {
            NeededBytes = at - Consumed + length + 2;
            return ReadStatus.NeedMore;
        }

        args.Add(at, (int)length);
        at += (int)length + 2;
        return ReadStatus.Command;
    }

    // A number up to CR LF; short ones without the general parser.
    private readonly ReadStatus TryReadLength(ref int at, out long value)
    {
        var left = _length - at;
        if (left >= 3 && _start[at + 1] == '\r')
        {
            value = _start[at] - '0';
            at += 3;
            return (ulong)value <= 9 ? ReadStatus.Command : ReadStatus.ProtocolError;
        }

        return TryReadLengthSlow(ref at, out value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly ReadStatus TryReadLengthSlow(ref int at, out long value)
    {
        value = 0;
        var end = new ReadOnlySpan<byte>(_start + at, _length - at).IndexOf((byte)'\r');
        if (end < 0 || at + end + 1 >= _length) return ReadStatus.NeedMore;
        var valid = NumberText.TryParseInteger(new ReadOnlySpan<byte>(_start + at, end), out value);
        at += end + 2;
        return valid ? ReadStatus.Command : ReadStatus.ProtocolError;
    }

    // A line that does not end is an error once it is longer than any number needs.
    private ReadStatus NeedLine(int from, string error) => _length - from > MaxInlineBytes ? Fail(error) : ReadStatus.NeedMore;

    private ReadStatus Fail(string error)
    {
        Error = error;
        return ReadStatus.ProtocolError;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadStatus TryReadInlineSlow(ArgumentList args)
    {
        var rest = new ReadOnlySpan<byte>(_start + Consumed, _length - Consumed);
        var end = rest.IndexOf((byte)'\n');
        if (end < 0) return rest.Length > MaxInlineBytes ? Fail("ERR Protocol error: too big inline request") : ReadStatus.NeedMore;
        var line = rest[..(end > 0 && rest[end - 1] == '\r' ? end - 1 : end)];
        var words = InlineWords.Split(line);
        if (words == null) return Fail("ERR Protocol error: unbalanced quotes in request");
        Consumed += end + 1;
        var owned = ArgumentList.Of(words.ToArray());
        args.TakeFrom(owned);
        return ReadStatus.Command;
    }
}

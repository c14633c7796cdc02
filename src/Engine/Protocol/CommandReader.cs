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
/// How far a command was read whose end is still missing: its arguments so far are in the caller's list, and the next pass goes on from
/// there, so that a command that comes in many pieces is read once.
/// </summary>
/// <param name="At">Where the next argument begins, counted from the command's first byte.</param>
/// <param name="ArgumentsLeft">Arguments still to come; 0 where the next pass begins with a command.</param>
public readonly record struct PartialCommand(int At, long ArgumentsLeft);

/// <summary>
/// Cuts pipelined commands out of received bytes: RESP arrays of bulk strings, and inline commands.
/// </summary>
/// <remarks>A reader lives for one pass over a buffer. Between passes the caller keeps the bytes from <see cref="Consumed"/> on,
/// <see cref="Partial"/>, and the argument list as it is.</remarks>
public unsafe ref struct CommandReader
{
    private const int MaxInlineBytes = 64 * 1024;
    private const int MaxUnauthenticatedArguments = 10;
    private const int MaxUnauthenticatedBytes = 16 * 1024;

    private readonly byte* _start;
    private readonly int _length;

    /// <param name="start">The first byte that no pass has consumed.</param>
    /// <param name="length">Bytes from there on.</param>
    /// <param name="limits">What is too much.</param>
    /// <param name="partial">What the last pass over these bytes left in <see cref="Partial"/>.</param>
    public CommandReader(byte* start, int length, ReaderLimits limits, PartialCommand partial = default)
    {
        _start = start;
        _length = length;
        Limits = limits;
        Partial = partial;
    }

    /// <summary>What is too much; may change between commands.</summary>
    public ReaderLimits Limits { get; set; }

    /// <summary>Bytes of whole commands read so far.</summary>
    public int Consumed { get; private set; }

    /// <summary>How far the command at <see cref="Consumed"/> was read.</summary>
    public PartialCommand Partial { get; private set; }

    /// <summary>Goes back to the end of an earlier command: what follows is to be read again.</summary>
    public void Rewind(int end)
    {
        Consumed = end;
        Partial = default;
    }

    /// <summary>After <see cref="ReadStatus.NeedMore"/>: no command can be complete before the buffer holds this many bytes beyond
    /// <see cref="Consumed"/>.</summary>
    public long NeededBytes { get; private set; }

    /// <summary>After <see cref="ReadStatus.ProtocolError"/>: the whole error text.</summary>
    public byte[]? Error { get; private set; }

    /// <summary>Reads the next command into <paramref name="args"/>.</summary>
    public ReadStatus TryRead(ArgumentList args)
    {
        NeededBytes = 1;
        if (Partial.ArgumentsLeft > 0)
        {
            args.Rebase(_start);
            return ReadArguments(args, Partial.At, Partial.ArgumentsLeft);
        }

        if (Consumed == _length) return ReadStatus.NeedMore;
        args.Reset(_start);
        if (_start[Consumed] != '*') return TryReadInlineSlow(args);
        var at = Consumed + 1;
        var status = TryReadLength(ref at, out var count);
        if (status == ReadStatus.NeedMore) return NeedLine(Consumed, "ERR Protocol error: too big mbulk count string"u8);
        if (status != ReadStatus.Command || count > int.MaxValue) return Fail("ERR Protocol error: invalid multibulk length"u8);
        if (count > MaxUnauthenticatedArguments && !Limits.IsAuthenticated) return Fail("ERR Protocol error: unauthenticated multibulk length"u8);
        return ReadArguments(args, at, count);
    }

    private ReadStatus ReadArguments(ArgumentList args, int at, long count)
    {
        for (; count > 0; count--)
        {
            var status = TryReadBulk(ref at, args);
            if (status == ReadStatus.Command) continue;
            if (status == ReadStatus.NeedMore) Suspend(args, at, count);
            return status;
        }

        Partial = default;
        Consumed = at;
        return ReadStatus.Command;
    }

    // The next pass sees the command's first byte at its start.
    private void Suspend(ArgumentList args, int at, long count)
    {
        args.Shift(-Consumed);
        Partial = new PartialCommand(at - Consumed, count);
    }

    private ReadStatus TryReadBulk(ref int at, ArgumentList args)
    {
        var from = at;
        if (from >= _length) return ReadStatus.NeedMore;
        at++;
        var status = TryReadLength(ref at, out var length);
        if (status == ReadStatus.NeedMore)
        {
            at = from;
            return NeedLine(from, "ERR Protocol error: too big bulk count string"u8);
        }

        if (_start[from] != '$') return FailSlow(_start[from]);
        if (status != ReadStatus.Command || length < 0 || length > Limits.MaxBulkBytes) return Fail("ERR Protocol error: invalid bulk length"u8);
        if (length > MaxUnauthenticatedBytes && !Limits.IsAuthenticated) return Fail("ERR Protocol error: unauthenticated bulk length"u8);
        if (length + 2 > _length - at)
        {
            NeededBytes = at - Consumed + length + 2;
            at = from;
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
    private ReadStatus NeedLine(int from, scoped ReadOnlySpan<byte> error) => _length - from > MaxInlineBytes ? Fail(error) : ReadStatus.NeedMore;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadStatus Fail(scoped ReadOnlySpan<byte> error)
    {
        Error = error.ToArray();
        return ReadStatus.ProtocolError;
    }

    // Redis prints the byte by C's rules, where zero ends the text.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadStatus FailSlow(byte got)
    {
        byte[] text = [.. "ERR Protocol error: expected '$', got '"u8, got, (byte)'\''];
        return Fail(got == 0 ? text.AsSpan(0, text.Length - 2) : text);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ReadStatus TryReadInlineSlow(ArgumentList args)
    {
        var rest = new ReadOnlySpan<byte>(_start + Consumed, _length - Consumed);
        var end = rest.IndexOf((byte)'\n');
        if (end < 0) return rest.Length > MaxInlineBytes ? Fail("ERR Protocol error: too big inline request"u8) : ReadStatus.NeedMore;
        var line = rest[..(end > 0 && rest[end - 1] == '\r' ? end - 1 : end)];
        var words = InlineWords.Split(line);
        if (words == null) return Fail("ERR Protocol error: unbalanced quotes in request"u8);
        Consumed += end + 1;
        var owned = ArgumentList.Of(words.ToArray());
        args.TakeFrom(owned);
        return ReadStatus.Command;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Memory;
using OrleansKv.Engine.Protocol;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Commands;

/// <summary>What SCAN, HSCAN, SSCAN and ZSCAN share: the cursor, COUNT and MATCH, and how far one call walks.</summary>
internal ref struct ScanOptions
{
    /// <summary>What the documentation of every scan of a collection says.</summary>
    public const string Complexity = "O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to "
        + "return back to 0. N is the number of elements inside the collection.";

    private const int DefaultCount = 10;

    private ReadOnlySpan<byte> _pattern;

    public ScanOptions() => Count = DefaultCount;

    /// <summary>Elements that one call is to look at, about.</summary>
    public long Count { get; private set; }

    /// <summary>True where only elements that <see cref="Matches"/> accepts are wanted.</summary>
    public bool HasPattern { get; private set; }

    /// <summary>Reads a cursor as C's strtoul does: a sign is accepted.</summary>
    public static bool TryParseCursor(ReadOnlySpan<byte> text, out ulong cursor)
    {
        cursor = 0;
        if (text.IsEmpty) return true;
        var negative = text[0] == '-';
        var digits = text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out cursor)) return false;
        if (negative) cursor = 0 - cursor;
        return true;
    }

    /// <summary>Reads a cursor; false after the error was written.</summary>
    public static bool TryReadCursor(ReadOnlySpan<byte> text, ref ReplyWriter reply, out ulong cursor)
    {
        if (TryParseCursor(text, out cursor)) return true;
        reply.Error(ErrorText.InvalidCursor);
        return false;
    }

    /// <summary>Writes the start of a reply: the cursor. The array of elements follows.</summary>
    public static void WriteCursor(ulong cursor, ref ReplyWriter reply)
    {
        reply.Array(2);
        reply.BulkInteger((long)cursor);
    }

    /// <summary>Writes the reply for a key that is not there.</summary>
    public static void WriteEmpty(ref ReplyWriter reply)
    {
        WriteCursor(0, ref reply);
        reply.EmptyArray();
    }

    /// <summary>Reads all options up to the end; what is none of them is a syntax error.</summary>
    public static ScanOptions Parse(scoped ref ArgumentReader reader)
    {
        var options = new ScanOptions();
        while (reader.HasMore)
            if (!options.TryTake(ref reader)) reader.Fail(ErrorText.Syntax);
        return options;
    }

    /// <summary>Reads COUNT or MATCH where that comes next.</summary>
    public bool TryTake(ref ArgumentReader reader)
    {
        if (reader.TryWord("COUNT"u8))
        {
            Count = reader.NextInteger();
            if (Count < 1) reader.Fail(ErrorText.Syntax);
            return true;
        }

        if (!reader.TryWord("MATCH"u8)) return false;
        _pattern = reader.Next();
        HasPattern = !_pattern.SequenceEqual("*"u8);
        return true;
    }

    /// <summary>Whether an element is wanted.</summary>
    public readonly bool Matches(ReadOnlySpan<byte> text) => !HasPattern || Glob.IsMatch(_pattern, text);

    /// <summary>Adds the nodes that one call looks at to <paramref name="found"/> and gives the next cursor, 0 at the end.</summary>
    public readonly ulong Walk<TLayout>(NativeTable<TLayout> table, ulong cursor, List<nint> found) where TLayout : struct, INodeLayout
    {
        // In a table of many empty buckets a call ends before it has found enough.
        var buckets = Math.Min(Count, long.MaxValue / DefaultCount) * DefaultCount;
        do cursor = table.Scan(cursor, found);
        while (cursor != 0 && --buckets > 0 && found.Count < Count);
        return cursor;
    }

    /// <summary>
    /// Reads what HSCAN, SSCAN and ZSCAN have in common: key, cursor and options. False where the reply, an error or nothing found, has been written.
    /// </summary>
    public static bool TryRead<T>(
        CommandContext context, ref ReplyWriter reply, out ulong cursor, out ScanOptions options, [NotNullWhen(true)] out T? value) where T : Collection
    {
        options = default;
        value = null;
        if (!TryReadCursor(context.Args[2], ref reply, out cursor)) return false;
        if (!context.TryRead(context.Args[1], ref reply, out value)) return false;
        if (value == null)
        {
            WriteEmpty(ref reply);
            return false;
        }

        var reader = context.Read(3);
        options = Parse(ref reader);
        return !reader.WriteError(ref reply);
    }
}

using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Commands;

/// <summary>Where a command's keys are among its arguments, as COMMAND's key specifications describe it.</summary>
/// <remarks>Either a range (from <see cref="First"/> to <see cref="Last"/>, negative counted from the end) or a number of keys that an
/// argument gives.</remarks>
public sealed record KeySpec
{
    private KeySpec(string flags) =>
        Flags = string.Join(' ', flags.Split(' ').Select(word => word.Length == 2 ? word : word.ToLowerInvariant()));

    /// <summary>Words like "RO access" or "RW update", as COMMAND INFO prints them.</summary>
    public string Flags { get; }

    /// <summary>What the flags leave open, in words; empty where there is nothing to say.</summary>
    public string Notes { get; init; } = "";

    /// <summary>Index of the first key; for a counted spec of the first key as well.</summary>
    public int First { get; private init; }

    /// <summary>Index of the last key of a range; -1 is the last argument.</summary>
    public int Last { get; private init; }

    public int Step { get; private init; } = 1;

    /// <summary>Index of the argument that holds the number of keys; 0 for a range.</summary>
    public int CountAt { get; private init; }

    /// <summary>One key at <paramref name="index"/>.</summary>
    public static KeySpec At(int index, string flags) => new(flags) { First = index, Last = index };

    /// <summary>Keys from <paramref name="first"/> to <paramref name="last"/>, one in every <paramref name="step"/> arguments.</summary>
    public static KeySpec Range(int first, int last, int step, string flags) => new(flags) { First = first, Last = last, Step = step };

    /// <summary>As many keys as the argument at <paramref name="countAt"/> says, right behind it.</summary>
    public static KeySpec Counted(int countAt, string flags) => new(flags) { CountAt = countAt, First = countAt + 1 };

    /// <summary>First, last (inclusive) and step of the keys in these arguments; none where first is above last.</summary>
    public (int First, int Last) Resolve(ArgumentList args)
    {
        if (CountAt == 0) return (First, Math.Min(Last < 0 ? args.Count + Last : Last, args.Count - 1));
        if (CountAt >= args.Count || !NumberText.TryParseInteger(args[CountAt], out var count) || count <= 0) return (First, First - 1);
        return (First, (int)Math.Min(First + count - 1, args.Count - 1));
    }
}

using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Commands;

/// <summary>A row as COMMAND INFO gives it.</summary>
internal static class CommandDescription
{
    // MayReplicate and Protected are not told, as in Redis.
    private static readonly (CommandFlags Flag, string Name)[] FlagNames =
    [
        (CommandFlags.Write, "write"), (CommandFlags.ReadOnly, "readonly"), (CommandFlags.DenyOom, "denyoom"), (CommandFlags.Admin, "admin"),
        (CommandFlags.PubSub, "pubsub"), (CommandFlags.NoScript, "noscript"), (CommandFlags.Blocking, "blocking"), (CommandFlags.Loading, "loading"),
        (CommandFlags.Stale, "stale"), (CommandFlags.SkipMonitor, "skip_monitor"), (CommandFlags.SkipSlowlog, "skip_slowlog"),
        (CommandFlags.Asking, "asking"), (CommandFlags.Fast, "fast"), (CommandFlags.NoAuth, "no_auth"),
        (CommandFlags.NoMulti, "no_multi"), (CommandFlags.MovableKeys, "movablekeys"), (CommandFlags.AllowBusy, "allow_busy"),
        (CommandFlags.NoAsyncLoading, "no_async_loading"), (CommandFlags.NoMandatoryKeys, "no_mandatory_keys"),
    ];

    /// <summary>Writes name, arity, flags, key positions, ACL categories, tips, key specifications and subcommands.</summary>
    public static void Write(CommandRow row, ref ReplyWriter reply)
    {
        var (first, last, step) = KeyPositions(row);
        reply.Array(10);
        reply.Bulk(row.FullName);
        reply.Integer(row.Arity);
        var flags = Array.FindAll(FlagNames, named => (EffectiveFlags(row) & named.Flag) != 0);
        reply.Set(flags.Length);
        foreach (var (_, name) in flags) reply.SimpleString(System.Text.Encoding.ASCII.GetBytes(name));
        reply.Integer(first);
        reply.Integer(last);
        reply.Integer(step);
        WriteCategories(row.AllCategories, ref reply);
        reply.Array(row.Tips.Length);
        foreach (var tip in row.Tips) reply.Bulk(tip);
        reply.Set(row.Keys.Length);
        foreach (var spec in row.Keys) WriteKeySpec(spec, ref reply);
        reply.Array(row.Subcommands.Length);
        foreach (var subcommand in row.Subcommands) Write(subcommand, ref reply);
    }

    /// <summary>Writes a key specification's flags as a set of words.</summary>
    public static void WriteFlags(string flags, ref ReplyWriter reply)
    {
        var words = flags.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        reply.Set(words.Length);
        foreach (var word in words) reply.SimpleString(System.Text.Encoding.ASCII.GetBytes(word is "RO" or "RW" or "OW" or "RM" ? word : word.ToLowerInvariant()));
    }

    /// <summary>The category that a name without '@' means.</summary>
    public static bool TryParseCategory(string name, out AclCategories category) =>
        Enum.TryParse(name, ignoreCase: true, out category) && category != AclCategories.None && !char.IsAsciiDigit(name[0]);

    private static CommandFlags EffectiveFlags(CommandRow row)
    {
        var flags = row.Flags;
        if (Array.Exists(row.Keys, spec => spec.CountAt > 0)) flags |= CommandFlags.MovableKeys;
        return flags;
    }

    // The old form of key positions: what one range covers, as far as a range can say it.
    private static (int First, int Last, int Step) KeyPositions(CommandRow row)
    {
        var ranges = Array.FindAll(row.Keys, spec => spec.CountAt == 0);
        if (ranges.Length == 0) return (0, 0, 0);
        var last = Array.Exists(ranges, spec => spec.Last < 0) ? ranges[^1].Last : ranges.Max(spec => spec.Last);
        return (ranges.Min(spec => spec.First), last, ranges.Max(spec => spec.Step));
    }

    private static void WriteCategories(AclCategories categories, ref ReplyWriter reply)
    {
        var names = Enum.GetValues<AclCategories>().Where(category => category != AclCategories.None && (categories & category) != 0).ToArray();
        reply.Set(names.Length);
        foreach (var name in names) reply.SimpleString(System.Text.Encoding.ASCII.GetBytes("@" + name.ToString().ToLowerInvariant()));
    }

    private static void WriteKeySpec(KeySpec spec, ref ReplyWriter reply)
    {
        reply.Map(spec.Notes.Length > 0 ? 4 : 3);
        if (spec.Notes.Length > 0)
        {
            reply.Bulk("notes"u8);
            reply.Bulk(spec.Notes);
        }

        reply.Bulk("flags"u8);
        WriteFlags(spec.Flags, ref reply);
        reply.Bulk("begin_search"u8);
        reply.Map(2);
        reply.Bulk("type"u8);
        reply.Bulk("index"u8);
        reply.Bulk("spec"u8);
        reply.Map(1);
        reply.Bulk("index"u8);
        reply.Integer(spec.CountAt > 0 ? spec.CountAt : spec.First);
        reply.Bulk("find_keys"u8);
        reply.Map(2);
        reply.Bulk("type"u8);
        reply.Bulk(spec.CountAt > 0 ? "keynum"u8 : "range"u8);
        reply.Bulk("spec"u8);
        reply.Map(3);
        if (spec.CountAt > 0)
        {
            Field("keynumidx"u8, 0, ref reply);
            Field("firstkey"u8, 1, ref reply);
            Field("keystep"u8, 1, ref reply);
        }
        else
        {
            Field("lastkey"u8, spec.Last < 0 ? spec.Last : spec.Last - spec.First, ref reply);
            Field("keystep"u8, spec.Step, ref reply);
            Field("limit"u8, 0, ref reply);
        }
    }

    private static void Field(ReadOnlySpan<byte> name, long value, ref ReplyWriter reply)
    {
        reply.Bulk(name);
        reply.Integer(value);
    }
}

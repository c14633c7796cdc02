using System.Globalization;
using OrleansKv.Support;

namespace OrleansKv.Oracle;

/// <summary>
/// Commands that choose at random. Errors and empty replies must be the same on both servers; otherwise the subject's choice must have the
/// right type and size and be part of what the oracle holds. What SPOP took on one server is removed from the other.
/// </summary>
internal static class RandomCheck
{
    public static Mismatch? Run(Pair pair, string[] args, string shown)
    {
        if (args[0].Equals("SPOP", StringComparison.OrdinalIgnoreCase))
            return Pop(pair, args, shown);
        (RespValue expected, RespValue actual) = pair.Call(args);
        if (IsPlain(expected) || IsPlain(actual))
            return Matching.Same(Match.Exact, expected, actual) ? null : new Mismatch(shown, expected.ToString(), actual.ToString());
        bool withValues = args.Length > 3;
        string? complaint = expected.Kind != actual.Kind || expected.Items.Count != actual.Items.Count
            ? "another type or another number of elements"
            : Complaint(Content(pair.Oracle, args), Choices(actual, withValues, Scored(args)), mayRepeat: MayRepeat(args));
        return complaint is null ? null : new Mismatch(shown, $"{expected} or another choice", $"{actual}: {complaint}");
    }

    private static Mismatch? Pop(Pair pair, string[] args, string shown)
    {
        RespValue actual = pair.Subject.Call(args);
        if (IsPlain(actual))
        {
            RespValue expected = pair.Oracle.Call(args);
            return Matching.Same(Match.Exact, expected, actual) ? null : new Mismatch(shown, expected.ToString(), actual.ToString());
        }
        RespValue members = pair.Oracle.Call("SMEMBERS", args[1]);
        if (members.IsError)
            return new Mismatch(shown, members.ToString(), actual.ToString());
        List<string> choices = Choices(actual, withValues: false, scored: false);
        bool counted = args.Length > 2;
        int wanted = counted ? (int)Math.Min(members.Items.Count, long.Parse(args[2], CultureInfo.InvariantCulture)) : 1;
        RespKind kind = !counted ? RespKind.BulkString : members.Kind;
        string? complaint = actual.Kind != kind || choices.Count != wanted
            ? $"not a {kind} of {wanted} elements"
            : Complaint([.. Matching.Words(members, 1)], choices, mayRepeat: false);
        if (complaint is not null)
            return new Mismatch(shown, $"some of {members}", $"{actual}: {complaint}");
        pair.Oracle.Call(["SREM", args[1], .. actual.IsAggregate ? actual.Items.Select(item => item.Text) : [actual.Text]]);
        return counted ? Rebuild(pair, args[1], shown) : null;
    }

    // Popping most of a set may leave it in a more compact encoding than removing its members one by one: it is built anew on both servers.
    private static Mismatch? Rebuild(Pair pair, string key, string shown)
    {
        (RespValue expected, RespValue actual) = pair.Call("SMEMBERS", key);
        if (!Matching.Same(Match.AnyOrder, expected, actual))
            return new Mismatch($"SMEMBERS after {shown}", expected.ToString(), actual.ToString());
        if (expected.Items.Count > 0)
        {
            pair.Call("DEL", key);
            pair.Call(["SADD", key, .. expected.Items.Select(item => item.Text)]);
        }
        return null;
    }

    private static bool IsPlain(RespValue reply) => reply.IsError || reply.IsNull || (reply.IsAggregate && reply.Items.Count == 0);

    private static bool MayRepeat(string[] args) => args.Length > 2 && args[2].StartsWith('-');

    private static HashSet<string> Content(RespClient client, string[] args) => args[0].ToUpperInvariant() switch
    {
        "RANDOMKEY" => [.. Matching.Words(client.Call("KEYS", "*"), 1)],
        "SRANDMEMBER" => [.. Matching.Words(client.Call("SMEMBERS", args[1]), 1)],
        "HRANDFIELD" => args.Length > 3
            ? [.. Matching.Words(client.Call("HGETALL", args[1]), 2)]
            : [.. Matching.Words(client.Call("HKEYS", args[1]), 1)],
        _ => [.. Choices(client.Call(["ZRANGE", args[1], "0", "-1", .. args.Skip(3)]), withValues: args.Length > 3, scored: true)],
    };

    private static bool Scored(string[] args) => args[0].StartsWith("Z", StringComparison.OrdinalIgnoreCase);

    // In RESP3 pairs come as arrays of two, in RESP2 flat.
    private static List<string> Choices(RespValue reply, bool withValues, bool scored)
    {
        if (!reply.IsAggregate)
            return [reply.ToString()];
        if (!withValues)
            return [.. Matching.Words(reply, 1)];
        IEnumerable<RespValue> flat = reply.Items.SelectMany(item => item.IsAggregate ? item.Items : [item]);
        return [.. flat.Chunk(2).Select(pair => $"{pair[0]} => {(scored ? Score(pair[^1].Text) : pair[^1].ToString())}")];
    }

    // Redis 7.0 and 7.2 write the same score in two ways.
    private static string Score(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double score)
            ? score.ToString("R", CultureInfo.InvariantCulture)
            : text;

    private static string? Complaint(HashSet<string> content, List<string> choices, bool mayRepeat)
    {
        string? stranger = choices.Find(choice => !content.Contains(choice));
        if (stranger is not null)
            return $"{stranger} is not there";
        return !mayRepeat && choices.Distinct().Count() != choices.Count ? "an element twice" : null;
    }
}

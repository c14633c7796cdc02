using System.Globalization;
using OrleansKv.Support;

namespace OrleansKv.Oracle;

/// <summary>
/// SCAN and its kin promise that an iteration over unchanging data returns everything, in no order, perhaps more than once: so both
/// servers are iterated to the end, and what they returned is compared as sets.
/// </summary>
internal static class ScanCheck
{
    private const int MaxRounds = 20_000;

    public static Mismatch? Run(Pair pair, string[] args, string shown)
    {
        string name = args[0].ToUpperInvariant();
        int cursorAt = name == "SCAN" ? 1 : 2;
        if (args.Length <= cursorAt || args[cursorAt] != "0")
        {
            // From a cursor that no server gave out only an error means anything.
            (RespValue expected, RespValue actual) = pair.Call(args);
            return Matching.Same(Match.TypeOnly, expected, actual) ? null : new Mismatch(shown, expected.ToString(), actual.ToString());
        }
        string wanted = Iterate(pair.Oracle, args, cursorAt, name);
        string got = Iterate(pair.Subject, args, cursorAt, name);
        return wanted == got ? null : new Mismatch(shown, wanted, got);
    }

    private static string Iterate(RespClient client, string[] args, int cursorAt, string name)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        string[] call = [.. args];
        for (int round = 0; round < MaxRounds; round++)
        {
            RespValue reply = client.Call(call);
            if (reply.IsError)
                return reply.ToString();
            if (reply.Items is not [{ Kind: RespKind.BulkString }, { Kind: RespKind.Array }])
                return $"not a cursor and an array: {reply}";
            foreach (string entry in Entries(reply.Items[1], name))
                found.Add(entry);
            call[cursorAt] = reply.Items[0].Text;
            if (call[cursorAt] == "0")
                return string.Join(", ", found);
        }
        return "an iteration without end";
    }

    private static IEnumerable<string> Entries(RespValue page, string name) => name switch
    {
        "HSCAN" => Matching.Words(page, 2),
        "ZSCAN" => page.Items.Chunk(2).Select(pair => $"{pair[0]} => {Score(pair[^1].Text)}"),
        _ => Matching.Words(page, 1),
    };

    private static string Score(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double score)
            ? score.ToString("R", CultureInfo.InvariantCulture)
            : text;
}

using OrleansKv.Support;

namespace OrleansKv.Oracle;

/// <summary>Compares everything that both servers hold after a sequence: types, contents, encodings and expiry, in each database in use.</summary>
internal static class KeyspaceCheck
{
    private const int Databases = 3;

    public static Mismatch? Run(Pair pair)
    {
        for (int database = 0; database < Databases; database++)
        {
            pair.Call("SELECT", $"{database}");
            (RespValue expected, RespValue actual) = pair.Call("KEYS", "*");
            if (!Matching.Same(Match.AnyOrder, expected, actual))
                return new Mismatch($"KEYS * (at the end, database {database})", expected.ToString(), actual.ToString());
            foreach (RespValue key in expected.Items)
            {
                if (CompareKey(pair, key.Text) is Mismatch mismatch)
                    return mismatch;
            }
        }
        return null;
    }

    private static Mismatch? CompareKey(Pair pair, string key)
    {
        (RespValue expected, RespValue actual) = pair.Call("TYPE", key);
        if (expected.ToString() != actual.ToString())
            return new Mismatch($"TYPE {key} (at the end)", expected.ToString(), actual.ToString());
        string type = expected.Text;
        string[][] questions = [Content(type, key), ["PTTL", key]];
        foreach (string[] question in questions)
        {
            (expected, actual) = pair.Call(question);
            if (!Matching.Same(Matching.Of(question), expected, actual))
                return new Mismatch($"{string.Join(' ', question)} (at the end)", expected.ToString(), actual.ToString());
        }
        (expected, actual) = pair.Call("OBJECT", "ENCODING", key);
        return SameEncoding(type, expected.Text, actual.Text)
            ? null
            : new Mismatch($"OBJECT ENCODING {key} (at the end)", expected.ToString(), actual.ToString());
    }

    private static string[] Content(string type, string key) => type switch
    {
        "string" => ["GET", key],
        "list" => ["LRANGE", key, "0", "-1"],
        "hash" => ["HGETALL", key],
        "set" => ["SMEMBERS", key],
        _ => ["ZRANGE", key, "0", "-1", "WITHSCORES"],
    };

    // Redis 7.2 gave short lists and small sets of words a compact encoding that 7.0 does not have.
    private static bool SameEncoding(string type, string expected, string actual) =>
        expected == actual || (actual == "listpack" && (type, expected) is ("list", "quicklist") or ("set", "hashtable"));
}

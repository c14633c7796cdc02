using OrleansKv.Support;

namespace OrleansKv.Oracle;

/// <summary>
/// Listens to the keyspace events of both servers while a sequence runs, and compares what was told about which key, in order. When a key's
/// time is noticed to be over is each server's own affair, so expiry is left out; what SPOP took was removed by SREM from the other server.
/// </summary>
internal sealed class EventCheck : IDisposable
{
    private const string Prefix = "__keyevent@";
    private const int TimeoutMs = 3_000;

    private readonly Pair _pair;

    public EventCheck(int oraclePort, int subjectPort)
    {
        _pair = new Pair(oraclePort, subjectPort, resp3: false, TimeoutMs);
        _pair.Call("CONFIG", "SET", "notify-keyspace-events", "EAm");
        _pair.Call("PSUBSCRIBE", Prefix + "*");
    }

    public Mismatch? Compare()
    {
        _pair.Send(["PING", "end"]);
        _pair.Flush();
        List<string> expected = ReadAll(_pair.Oracle, atLeast: 0);
        List<string> actual = ReadAll(_pair.Subject, expected.Count);
        int same = expected.Zip(actual).TakeWhile(both => both.First == both.Second).Count();
        return same == expected.Count && same == actual.Count
            ? null
            : new Mismatch($"(keyspace events, after {same} that were the same)", Rest(expected, same), Rest(actual, same));
    }

    public void Dispose() => _pair.Dispose();

    private static string Rest(List<string> events, int from) => string.Join(", ", events.Skip(from).Take(4)) + (events.Count > from + 4 ? ", …" : ".");

    // A server may answer the PING before it has delivered what was published elsewhere: then as many events as the other had still come.
    private static List<string> ReadAll(RespClient client, int atLeast)
    {
        var events = new List<string>();
        bool answered = false;
        try
        {
            while (!answered || events.Count < atLeast)
            {
                RespValue message = client.Read();
                answered |= message.Items.Count == 2;
                if (message.Items.Count == 4 && EventOf(message) is string found)
                    events.Add(found);
            }
        }
        catch (IOException)
        {
            // Fewer than there should be: the comparison says which.
        }
        return events;
    }

    private static string? EventOf(RespValue message)
    {
        string[] channel = message.Items[2].Text[Prefix.Length..].Split("__:");
        string name = channel[1] == "spop" ? "srem" : channel[1];
        return name == "expired" ? null : $"{name} {RespValue.Quote(message.Items[3].Text)} in {channel[0]}";
    }
}

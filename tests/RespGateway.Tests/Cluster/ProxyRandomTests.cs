using System.Globalization;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>Random pipelines to one gateway of three silos and to a server alone: the replies are the same.</summary>
public sealed class ProxyRandomTests
{
    private const int Rounds = 60;

    private static readonly string[] Templates =
    [
        "SET {k} {v}", "GET {k}", "INCR n{k}", "APPEND {k} {v}", "GETDEL {k}", "DEL {k}", "EXISTS {k} {l} {k}", "MGET {k} {l} {k} {m}", "TOUCH {k} {l}",
        "STRLEN {k}", "RPUSH l{k} {v} {v}", "LRANGE l{k} 0 -1", "LPOP l{k}", "HSET h{k} {v} {v}", "HGETALL h{k}", "ZADD z{k} {v} {l}",
        "ZRANGE z{k} 0 -1 WITHSCORES", "ZSCORE z{k} {l}", "SADD s{k} {v}", "SISMEMBER s{k} {v}", "TYPE l{k}", "EXPIRE {k} 100", "PERSIST {k}",
        "MSET <{k}>a {v} <{k}>b {v}", "MGET <{k}>a <{k}>b", "RENAME <{k}>a <{k}>b", "GET l{k}", "NOSUCH {k}", "GET", "PING", "ECHO {v}",
        "SELECT 1", "SELECT 0", "DBSIZE", "SETRANGE {k} 3 {v}", "OBJECT ENCODING {k}", "KEYS nothing*",
    ];

    [Fact]
    public void Pipelines_OfRandomCommands_GetTheRepliesOfOneServer()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        using var cluster = new TestCluster(3, clusterMode: false);
        using var single = new TestGateway();
        using var ours = cluster[random.Next(3)].Connect();
        using var theirs = single.Connect();
        for (var round = 0; round < Rounds; round++)
        {
            // Once in RESP2, once in RESP3.
            foreach (var client in new[] { ours, theirs }) client.Call("HELLO", $"{2 + (round % 2)}");
            var lines = Enumerable.Range(0, random.Next(1, 60)).Select(_ => Fill(random)).ToList();
            var expected = Run(theirs, lines);
            var got = Run(ours, lines);
            for (var i = 0; i < lines.Count; i++)
                Assert.True(expected[i] == got[i], $"seed {seed}, round {round}: {lines[i]} gave {got[i]}, alone {expected[i]}");
        }
    }

    private static string Fill(Random random)
    {
        var line = Templates[random.Next(Templates.Length)];
        var key = $"{random.Next(20)}";
        return line.Replace("<{k}>", $"{{{key}}}", StringComparison.Ordinal).Replace("{k}", key, StringComparison.Ordinal).Replace("{l}", $"{random.Next(20)}", StringComparison.Ordinal)
            .Replace("{m}", $"{random.Next(20)}", StringComparison.Ordinal)
            .Replace("{v}", random.Next(1000).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    private static List<string> Run(RespClient client, List<string> lines)
    {
        foreach (var line in lines) client.Send(line.Split(' '));
        client.Flush();
        return [.. lines.Select(_ => client.Read().ToString())];
    }
}

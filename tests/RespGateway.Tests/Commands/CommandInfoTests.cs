using OrleansKv.RespGateway.Commands;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Commands;

/// <summary>COMMAND INFO beside a real redis-server's, command by command.</summary>
public sealed class CommandInfoTests
{
    private static readonly string[] Fields = ["name", "arity", "flags", "first key", "last key", "step", "categories", "tips", "key specifications"];

    // What Redis 7.2 has changed since 7.0, which is the oracle: command, field, reason.
    private static readonly (string Command, string Field, string Reason)[] Differences =
    [
        ("blpop", "flags", "scripts may call it"), ("brpop", "flags", "scripts may call it"), ("blmove", "flags", "scripts may call it"),
        ("brpoplpush", "flags", "scripts may call it"), ("bzpopmin", "flags", "scripts may call it"), ("bzpopmax", "flags", "scripts may call it"),
        ("command|getkeys", "arity", "a command without arguments"), ("command|getkeysandflags", "arity", "a command without arguments"),
        ("zrank", "arity", "WITHSCORE"), ("zrevrank", "arity", "WITHSCORE"),
        ("config|resetstat", "tips", "policies"), ("config|rewrite", "tips", "policies"), ("msetnx", "tips", "one slot"),
        ("randomkey", "tips", "policies"), ("scan", "tips", "policies"),
    ];

    // Commands of Redis 7.2.
    private static readonly string[] Newer = ["client|no-touch", "client|setinfo", "cluster|myshardid"];

    [ToolFact("redis-server")]
    public void CommandInfo_OfEveryCommandHere_IsRedis()
    {
        using var redis = Support.TestServer.StartRedis();
        using var gateway = new TestGateway();
        using var theirs = RespClient.Connect(redis.Port);
        using var ours = gateway.Connect();
        var wrong = new List<string>();
        Compare(Table(theirs.Call("COMMAND")), Table(ours.Call("COMMAND")), wrong);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("watch")]
    [InlineData("debug")]
    public void Row_WhoseHandlerUsesTheConnection_SaysSo(string name) =>
        Assert.True(GatewayCommands.Rows.Single(row => row.Name == name).NeedsConnection);

    private static Dictionary<string, RespValue> Table(RespValue rows) => rows.Items.ToDictionary(row => row.Items[0].Text);

    private static void Compare(Dictionary<string, RespValue> theirs, Dictionary<string, RespValue> ours, List<string> wrong)
    {
        foreach (var (name, row) in ours)
        {
            if (!theirs.TryGetValue(name, out var expected))
            {
                if (!Newer.Contains(name)) wrong.Add($"{name}: Redis does not have it");
                continue;
            }

            for (var i = 0; i < Fields.Length; i++)
            {
                var (want, got) = (Sorted(expected.Items[i]), Sorted(row.Items[i]));
                if (want != got && !Array.Exists(Differences, known => known.Command == name && known.Field == Fields[i]))
                    wrong.Add($"{name}: {Fields[i]} is {got}, in Redis {want}");
            }

            Compare(Table(expected.Items[9]), Table(row.Items[9]), wrong);
        }
    }

    // Flags, categories and tips are sets; so is what a map holds.
    private static string Sorted(RespValue value) =>
        value.IsAggregate ? $"[{string.Join(' ', value.Items.Select(Sorted).Order(StringComparer.Ordinal))}]" : value.Text;
}

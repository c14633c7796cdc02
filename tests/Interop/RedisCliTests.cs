using System.Diagnostics;
using System.Text;
using OrleansKv.Support;

namespace OrleansKv.Interop;

/// <summary>Sessions of redis-cli, by arguments and by commands on its standard input.</summary>
public sealed class RedisCliTests(InteropServer server) : IClassFixture<InteropServer>
{
    private const int LineTimeoutMs = 10_000;

    [ToolFact("redis-cli")]
    public void Arguments_StringsAndErrors_Printed()
    {
        Assert.Equal("OK\n", Cli("SET", "cli:a", "1"));
        Assert.Equal("2\n", Cli("INCR", "cli:a"));
        Assert.Equal("\"2\"\n", Cli("--no-raw", "GET", "cli:a"));
        Assert.Equal("(nil)\n", Cli("--no-raw", "GET", "cli:none"));
        Assert.Equal("(error) ERR wrong number of arguments for 'get' command\n", Cli("--no-raw", "GET"));
        Assert.Equal("OK\n", Cli("-n", "3", "SET", "cli:elsewhere", "x"));
        Assert.Equal("\n", Cli("GET", "cli:elsewhere"));
    }

    [ToolFact("redis-cli")]
    public void Resp3_MapsSetsAndDoubles_Printed()
    {
        Cli("DEL", "cli:h", "cli:z", "cli:s");
        Cli("HSET", "cli:h", "f", "1");
        Cli("ZADD", "cli:z", "1.5", "m");
        Cli("SADD", "cli:s", "x");
        Assert.Equal("1# \"f\" => \"1\"\n", Cli("-3", "--no-raw", "HGETALL", "cli:h"));
        Assert.Equal("1) 1) \"m\"\n   2) (double) 1.5\n", Cli("-3", "--no-raw", "ZRANGE", "cli:z", "0", "-1", "WITHSCORES"));
        Assert.Equal("1~ \"x\"\n", Cli("-3", "--no-raw", "SMEMBERS", "cli:s"));
        Assert.Equal("(nil)\n", Cli("-3", "--no-raw", "GET", "cli:none"));
    }

    [ToolFact("redis-cli")]
    public void Input_Transaction_Executed()
    {
        string output = Session("DEL cli:t", "MULTI", "INCR cli:t", "INCR cli:t", "EXEC", "MULTI", "SET cli:t x", "DISCARD", "GET cli:t");
        Assert.EndsWith("OK\nQUEUED\nQUEUED\n1\n2\nOK\nQUEUED\nOK\n2\n", output, StringComparison.Ordinal);
    }

    [ToolFact("redis-cli")]
    public void Input_InlineQuoting_KeepsBytes()
    {
        string output = Session("SET cli:q \"a b\\x00\\n\\\"c\\\"\"", "STRLEN cli:q");
        Assert.Equal("OK\n8\n", output);
    }

    [ToolFact("redis-cli")]
    public void Pipe_MassInsertion_CountsReplies()
    {
        var commands = new StringBuilder();
        for (int i = 0; i < 20_000; i++)
            commands.Append($"SET cli:pipe:{i} {i}\r\n");
        RunResult result = RunResult.Of("redis-cli", ["-p", $"{server.Port}", "--pipe"], commands.ToString());
        Assert.Contains("errors: 0, replies: 20000", result.Output, StringComparison.Ordinal);
        Assert.Equal("19999\n", Cli("GET", "cli:pipe:19999"));
    }

    [ToolFact("redis-cli")]
    public void Scan_Pattern_FindsEveryKeyOnce()
    {
        string[] names = [.. Enumerable.Range(0, 500).Select(number => $"cli:scan:{number}")];
        Cli(["MSET", .. names.SelectMany(name => new[] { name, "x" })]);
        string[] found = Cli("--scan", "--pattern", "cli:scan:*").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(names.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [ToolFact("redis-cli")]
    public void BigKeysAndMemKeys_WholeKeyspace_Summarised()
    {
        Cli("RPUSH", "cli:biglist", "a", "b", "c");
        Assert.Contains("Biggest", Cli("--bigkeys"), StringComparison.Ordinal);
        Assert.Contains("Biggest", Cli("--memkeys"), StringComparison.Ordinal);
    }

    [ToolFact("redis-cli")]
    public void Subscribe_PublishedMessage_Printed()
    {
        using Process subscriber = Start("SUBSCRIBE", "cli:news", "cli:more");
        Assert.Equal(["subscribe", "cli:news", "1", "subscribe", "cli:more", "2"], Lines(subscriber, 6));
        Assert.Equal("1\n", Cli("PUBLISH", "cli:news", "hello there"));
        Assert.Equal(["message", "cli:news", "hello there"], Lines(subscriber, 3));
        subscriber.Kill();
        subscriber.WaitForExit();
        Assert.True(Wait.Until(() => Cli("PUBLISH", "cli:news", "nobody") == "0\n"));
    }

    [ToolFact("redis-cli")]
    public void BlockingPop_PushByAnother_Returns()
    {
        Cli("DEL", "cli:queue");
        using Process waiter = Start("BLPOP", "cli:queue", "10");
        Assert.True(Wait.Until(() => Cli("INFO", "clients").Contains("blocked_clients:1", StringComparison.Ordinal)));
        Cli("RPUSH", "cli:queue", "job");
        Assert.Equal(["cli:queue", "job"], Lines(waiter, 2));
        Assert.True(waiter.WaitForExit(LineTimeoutMs));
    }

    [ToolFact("redis-cli")]
    public void Reconnect_KilledByAnother_NextCommandWorks()
    {
        // The first command after the loss reports it, as redis-cli does with any server; the session goes on.
        string output = Session("SET cli:r 1", "CLIENT KILL TYPE normal SKIPME no", "GET cli:r", "GET cli:r");
        Assert.StartsWith("OK\n", output, StringComparison.Ordinal);
        Assert.EndsWith("1\n", output, StringComparison.Ordinal);
    }

    [ToolFact("redis-cli")]
    public void Latency_Samples_Printed()
    {
        string output = Cli("--latency", "--raw", "-i", "1");
        string[] numbers = output.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(numbers.Length >= 4, output);
    }

    private string Cli(params IEnumerable<string> arguments) => server.Run("redis-cli", ["-p", $"{server.Port}", .. arguments]);

    private string Session(params string[] commands)
    {
        RunResult result = RunResult.Of("redis-cli", ["-p", $"{server.Port}"], string.Join('\n', commands) + "\n");
        return result.Output;
    }

    private Process Start(params string[] command) => Process.Start(
        new ProcessStartInfo("redis-cli", ["-p", $"{server.Port}", .. command]) { RedirectStandardOutput = true })!;

    private static string[] Lines(Process process, int count)
    {
        Task<string[]> lines = Task.Run(() => Enumerable.Range(0, count).Select(_ => process.StandardOutput.ReadLine() ?? "").ToArray());
        Assert.True(lines.Wait(LineTimeoutMs), "no output in time");
        return lines.Result;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using OrleansKv.Support;

namespace OrleansKv.Cluster.Tests.Clients;

/// <summary>A script of tests/Interop that counts: it is sent a line for every round, and answers by one.</summary>
internal sealed class ScriptClient : CounterClient
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ScriptClient(string name, string program, string script, bool isCluster, IEnumerable<int> ports)
        : base(name)
    {
        string[] arguments =
        [
            Path.Combine(ServerCommand.RepositoryRoot, "tests", "Interop", script), isCluster ? "cluster" : "plain", string.Join(',', ports), name,
            Keys.Length.ToString(CultureInfo.InvariantCulture),
        ];
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>redis-py.</summary>
    public static ScriptClient RedisPy(string name, bool isCluster, params IEnumerable<int> ports) =>
        new(name, PythonRedisFactAttribute.Python!, "python/counters.py", isCluster, ports);

    public static ScriptClient IoRedis(string name, bool isCluster, params IEnumerable<int> ports) =>
        new(name, "node", "node/counters.js", isCluster, ports);

    public override void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    protected override void IncrementAll()
    {
        _process.StandardInput.WriteLine();
        _process.StandardInput.Flush();
        string line = LineOf(_process) ?? throw new InvalidOperationException($"{Name} ended:\n{_errors.Result}");
        using JsonDocument said = JsonDocument.Parse(line);
        Sent = Numbers(said.RootElement[0]);
        Acknowledged = Numbers(said.RootElement[1]);
        Connection = said.RootElement[2].GetInt64();
        Error = said.RootElement[3].GetString();
    }

    private static long[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt64())];
}

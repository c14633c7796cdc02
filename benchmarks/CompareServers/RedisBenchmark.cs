using System.Diagnostics;
using System.Globalization;

namespace OrleansKv.CompareServers;

/// <summary>One line of redis-benchmark's results.</summary>
internal sealed record Measurement(double RequestsPerSecond, double P50Ms, double P99Ms);

/// <summary>Runs redis-benchmark, one test at a time.</summary>
internal static class RedisBenchmark
{
    private const int TimeoutMs = 120_000;
    private const int Clients = 50;
    private const int KeyRange = 100_000;
    private const int ValueBytes = 64;
    private const int PrefillDepth = 64;
    private const int MinRequests = 2_000;

    // Thousand requests a second on redis-server at -P 1, 16 and 64 on two cores: only to choose how many requests a test gets.
    private static readonly Dictionary<string, double[]> UsualRates = new()
    {
        ["SADD"] = [88, 600, 900],
        ["HSET"] = [88, 500, 700],
        ["ZADD"] = [85, 350, 500],
        ["MSET"] = [60, 120, 140],
        ["LRANGE_100"] = [40, 60, 60],
    };

    private static readonly double[] OtherRates = [88, 600, 900];

    /// <summary>Prepares the keyspace for the test, then measures it.</summary>
    public static Measurement Measure(ServerProcess server, string test, int depth, double seconds)
    {
        int requests = Requests(test, depth, seconds);
        server.FlushAll();
        if (test == "GET")
            Run(server.Port, "SET", KeyRange, PrefillDepth);
        // Every request must find an element to take.
        if (test == "RPOP")
            Run(server.Port, "LPUSH", requests + 1, PrefillDepth);
        return Run(server.Port, test, requests, depth);
    }

    private static int Requests(string test, int depth, double seconds)
    {
        double[] rates = UsualRates.GetValueOrDefault(test, OtherRates);
        double rate = 1000 * (depth < 8 ? rates[0] : depth < 32 ? rates[1] : rates[2]);
        return Math.Max(MinRequests, (int)(rate * seconds));
    }

    private static Measurement Run(int port, string test, int requests, int depth)
    {
        string[] arguments =
        [
            "-p", $"{port}", "-c", $"{Clients}", "-n", $"{requests}", "-r", $"{KeyRange}", "-d", $"{ValueBytes}", "-P", $"{depth}",
            "-t", test.ToLowerInvariant(), "--csv",
        ];
        var start = new ProcessStartInfo("redis-benchmark", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeoutMs))
        {
            process.Kill();
            throw new InvalidOperationException($"redis-benchmark -t {test} -P {depth} did not end");
        }
        // A line of titles, for LRANGE_100 a line of its preparation, then the test.
        string last = output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault("");
        string[] cells = [.. last.Split(',').Select(cell => cell.Trim('"'))];
        if (process.ExitCode != 0 || cells.Length < 7 || !cells[0].StartsWith(test, StringComparison.Ordinal))
            throw new InvalidOperationException($"redis-benchmark -t {test} -P {depth} failed: {output.Result}{errors.Result}");
        return new Measurement(Number(cells[1]), Number(cells[4]), Number(cells[6]));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

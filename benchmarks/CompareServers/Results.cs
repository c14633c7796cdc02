using System.Text.Json;

namespace OrleansKv.CompareServers;

/// <summary>Every number that was measured, by server, and the tables made of them.</summary>
internal sealed class Results(IReadOnlyList<string> servers, TextWriter output)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<(string Test, int Depth, string Server, Measurement Value)> _measurements = [];
    private readonly Dictionary<string, Footprint> _footprints = [];
    private readonly Dictionary<string, double> _startsMs = [];

    public void Add(string test, int depth, string server, Measurement value) => _measurements.Add((test, depth, server, value));

    public void Add(string server, Footprint footprint) => _footprints[server] = footprint;

    public void AddStart(string server, IReadOnlyList<double> firstPongsMs) => _startsMs[server] = Median(firstPongsMs);

    public void PrintThroughput(string test, int depth)
    {
        double[] medians = [.. servers.Select(server => Median(Values(test, depth, server, value => value.RequestsPerSecond)))];
        Row($"{test} -P {depth}", medians.Select(rate => $"{rate / 1000:F1}"), medians);
    }

    public void PrintLatency(string test)
    {
        double[] p50 = [.. servers.Select(server => Median(Values(test, 1, server, value => value.P50Ms)))];
        double[] p99 = [.. servers.Select(server => Median(Values(test, 1, server, value => value.P99Ms)))];
        Row($"{test} p50", p50.Select(latency => $"{latency:F3}"), p50);
        Row($"{test} p99", p99.Select(latency => $"{latency:F3}"), p99);
    }

    public void PrintMemory()
    {
        double[] loaded = [.. servers.Select(server => (double)_footprints[server].LoadedBytes)];
        double[] perKey = [.. servers.Select(server => _footprints[server].BytesPerKey)];
        double[] empty = [.. servers.Select(server => (double)_footprints[server].EmptyBytes)];
        Row("process with keys, MB", loaded.Select(Megabytes), loaded);
        Row("empty process, MB", empty.Select(Megabytes), empty);
        Row("growth per key, bytes", perKey.Select(bytes => $"{bytes:F0}"), perKey);
    }

    public void PrintStarts()
    {
        double[] starts = [.. servers.Select(server => _startsMs[server])];
        Row("first PONG, ms", starts.Select(start => $"{start:F0}"), starts);
    }

    /// <summary>A title, with the servers' names above their columns.</summary>
    public void Title(string text)
    {
        output.WriteLine();
        output.Write($"{text,-26}");
        foreach (string server in servers)
            output.Write($"{server,12}");
        output.WriteLine(string.Concat(servers.Skip(1).Select(server => $"{"ratio",10}")));
    }

    public void WriteJson(string file)
    {
        var all = new
        {
            measurements = _measurements.Select(m => new
            {
                test = m.Test,
                depth = m.Depth,
                server = m.Server,
                requests_per_second = m.Value.RequestsPerSecond,
                p50_ms = m.Value.P50Ms,
                p99_ms = m.Value.P99Ms,
            }),
            memory = _footprints.Select(f => new
            {
                server = f.Key,
                empty_bytes = f.Value.EmptyBytes,
                loaded_bytes = f.Value.LoadedBytes,
                keys = Footprint.Keys,
            }),
            start = _startsMs.Select(s => new { server = s.Key, first_pong_ms = s.Value }),
        };
        File.WriteAllText(file, JsonSerializer.Serialize(all, Indented));
    }

    private double[] Values(string test, int depth, string server, Func<Measurement, double> pick) =>
        [.. _measurements.Where(m => m.Test == test && m.Depth == depth && m.Server == server).Select(m => pick(m.Value))];

    private void Row(string name, IEnumerable<string> cells, double[] values)
    {
        output.Write($"{name,-26}");
        foreach (string cell in cells)
            output.Write($"{cell,12}");
        foreach (double value in values.Skip(1))
            output.Write($"{value / values[0],10:F2}");
        output.WriteLine();
    }

    private static string Megabytes(double bytes) => $"{bytes / 1_000_000:F0}";

    private static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

namespace OrleansKv.CompareServers;

/// <summary>Measures all servers, part by part, and prints each part's table when it is done.</summary>
internal sealed class Comparison(Options options, IReadOnlyList<Rival> rivals)
{
    private const int Starts = 5;
    private const int WarmUpDepth = 16;
    private const double WarmUpSeconds = 0.5;

    private readonly Results _results = new([.. rivals.Select(rival => rival.Name)], Console.Out);

    public void Run()
    {
        if (options.Parts.Contains("throughput"))
            MeasureThroughput();
        if (options.Parts.Contains("memory"))
            MeasureMemory();
        if (options.Parts.Contains("start"))
            MeasureStarts();
        if (options.JsonFile is not null)
            _results.WriteJson(options.JsonFile);
    }

    private void MeasureThroughput()
    {
        var running = new List<ServerProcess>();
        try
        {
            foreach (Rival rival in rivals)
                running.Add(ServerProcess.Start(rival.CommandLine));
            running.ForEach(WarmUp);
            for (int round = 0; round < options.Rounds; round++)
            {
                foreach (int depth in options.Depths)
                {
                    foreach (string test in options.Tests)
                        MeasureTest(running, test, depth, round);
                }
                Console.Error.WriteLine($"round {round + 1} of {options.Rounds} done");
            }
        }
        finally
        {
            running.ForEach(server => server.Dispose());
        }
        PrintThroughput();
    }

    // A server that is compiled while it runs needs some requests of each kind before it shows what it can do.
    private void WarmUp(ServerProcess server)
    {
        foreach (string test in options.Tests)
            RedisBenchmark.Measure(server, test, WarmUpDepth, Math.Min(options.Seconds, WarmUpSeconds));
    }

    // Whoever goes first in one round goes last in the next.
    private void MeasureTest(List<ServerProcess> running, string test, int depth, int round)
    {
        for (int turn = 0; turn < rivals.Count; turn++)
        {
            int at = (turn + round) % rivals.Count;
            _results.Add(test, depth, rivals[at].Name, RedisBenchmark.Measure(running[at], test, depth, options.Seconds));
        }
    }

    private void PrintThroughput()
    {
        _results.Title("thousand requests/s");
        foreach (string test in options.Tests)
        {
            foreach (int depth in options.Depths)
                _results.PrintThroughput(test, depth);
        }
        if (!options.Depths.Contains(1))
            return;
        _results.Title("latency in ms, -P 1");
        foreach (string test in options.Tests)
            _results.PrintLatency(test);
    }

    private void MeasureMemory()
    {
        foreach (Rival rival in rivals)
            _results.Add(rival.Name, Footprint.Measure(rival.CommandLine));
        _results.Title($"{Footprint.Keys:N0} keys");
        _results.PrintMemory();
    }

    private void MeasureStarts()
    {
        var times = rivals.ToDictionary(rival => rival.Name, _ => new List<double>());
        for (int round = 0; round < Starts; round++)
        {
            foreach (Rival rival in rivals)
            {
                using ServerProcess server = ServerProcess.Start(rival.CommandLine);
                times[rival.Name].Add(server.FirstPongMs);
            }
        }
        foreach ((string name, List<double> values) in times)
            _results.AddStart(name, values);
        _results.Title("start");
        _results.PrintStarts();
    }
}

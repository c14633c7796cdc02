using OrleansKv.Drill.Load;
using OrleansKv.Drill.Servers;

namespace OrleansKv.Drill;

/// <summary>One drill from the first process's start to the last one's end.</summary>
internal static class DrillRun
{
    private const int StartMs = 60_000;

    /// <summary>Prints as it goes; true when anything was lost or wrong.</summary>
    public static bool Run(Options options, TextWriter output, CancellationToken stop)
    {
        int seed = options.Seed ?? Environment.TickCount & 0xFFFF;
        var random = new Random(seed);
        ServerKind server = options.Server;
        using var cluster = Cluster.Start(server, options.Nodes, options.Replicas, options.IsIsolated, options.Directory, StartMs, random, stop);
        var settings = new LoadSettings(
            cluster.Ports, options.Writers, options.Keys, options.TimeoutMs, options.Groups, options.Registers, seed);
        using var load = new ClusterLoad(settings, stop);
        var rounds = new Rounds(options, cluster, load, random, stop);
        var report = new Report(server.Name, options, seed, output);
        report.PrintTitle();
        try
        {
            for (int number = 1; number <= options.Rounds; number++)
                report.Add(rounds.Run(number));
        }
        finally
        {
            report.PrintSummary();
            if (options.JsonFile is not null)
                report.WriteJson(options.JsonFile);
        }
        return report.AnyWrong;
    }
}

using System.Diagnostics;
using System.Reflection;
using OrleansKv.CompareServers;

const int Starts = 5;

Options options;
try
{
    options = Options.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Options.Help}");
    return 2;
}
if (options.WantsHelp)
{
    Console.WriteLine(Options.Help);
    return 0;
}

string published = Path.Combine(Path.GetTempPath(), $"orleanskv-published-{Environment.ProcessId}");
try
{
    (string Name, string CommandLine)[] servers = ChooseServers();
    var results = new Results([.. servers.Select(server => server.Name)], Console.Out);
    if (options.Parts.Contains("throughput"))
        MeasureThroughput(servers, results);
    if (options.Parts.Contains("memory"))
        MeasureMemory(servers, results);
    if (options.Parts.Contains("start"))
        MeasureStarts(servers, results);
    if (options.JsonFile is not null)
        results.WriteJson(options.JsonFile);
    return 0;
}
catch (InvalidOperationException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
finally
{
    if (Directory.Exists(published))
        Directory.Delete(published, recursive: true);
}

(string Name, string CommandLine)[] ChooseServers()
{
    var chosen = new List<(string Name, string CommandLine)>
    {
        ("redis", "redis-server --port {port} --dir {dir} --save '' --appendonly no"),
        ("orleanskv", Path.Combine(published, "orleanskv") + " --port {port} --dir {dir}"),
    };
    foreach ((string Name, string CommandLine) server in options.Servers)
    {
        int known = chosen.FindIndex(other => other.Name == server.Name);
        if (known < 0)
            chosen.Add(server);
        else
            chosen[known] = server;
    }
    chosen.RemoveAll(server => server.CommandLine.Length == 0);
    if (chosen.Any(server => server.CommandLine.StartsWith(published, StringComparison.Ordinal)))
        Publish();
    return [.. chosen];
}

// The executable that a user would install, not what `dotnet run` starts.
void Publish()
{
    string root = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepositoryRoot").Value!;
    string silo = Path.Combine(root, "src", "Silo");
    using Process process = Process.Start("dotnet", ["publish", "-c", "Release", silo, "-o", published, "-v", "q", "--nologo"]);
    process.WaitForExit();
    if (process.ExitCode != 0)
        throw new InvalidOperationException($"{silo} could not be published");
}

void MeasureThroughput((string Name, string CommandLine)[] servers, Results results)
{
    var running = new List<ServerProcess>();
    try
    {
        foreach ((_, string commandLine) in servers)
            running.Add(ServerProcess.Start(commandLine));
        WarmUp(running);
        for (int round = 0; round < options.Rounds; round++)
        {
            foreach (int depth in options.Depths)
            {
                foreach (string test in options.Tests)
                    MeasureTest(servers, running, results, test, depth, round);
            }
            Console.Error.WriteLine($"round {round + 1} of {options.Rounds} done");
        }
    }
    finally
    {
        running.ForEach(server => server.Dispose());
    }
    results.Title($"thousand requests/s");
    foreach (string test in options.Tests)
    {
        foreach (int depth in options.Depths)
            results.PrintThroughput(test, depth);
    }
    if (!options.Depths.Contains(1))
        return;
    results.Title("latency in ms, -P 1");
    foreach (string test in options.Tests)
        results.PrintLatency(test);
}

// Whoever goes first in one round goes last in the next.
void MeasureTest((string Name, string CommandLine)[] servers, List<ServerProcess> running, Results results, string test, int depth, int round)
{
    for (int turn = 0; turn < servers.Length; turn++)
    {
        int at = (turn + round) % servers.Length;
        results.Add(test, depth, servers[at].Name, RedisBenchmark.Measure(running[at], test, depth, options.Seconds));
    }
}

// A server that is compiled while it runs needs some requests of each kind before it shows what it can do.
void WarmUp(List<ServerProcess> running)
{
    foreach (ServerProcess server in running)
    {
        foreach (string test in options.Tests)
            RedisBenchmark.Measure(server, test, 16, Math.Min(options.Seconds, 0.5));
    }
}

void MeasureMemory((string Name, string CommandLine)[] servers, Results results)
{
    foreach ((string name, string commandLine) in servers)
        results.Add(name, Footprint.Measure(commandLine));
    results.Title($"{Footprint.Keys:N0} keys");
    results.PrintMemory();
}

void MeasureStarts((string Name, string CommandLine)[] servers, Results results)
{
    var times = servers.ToDictionary(server => server.Name, _ => new List<double>());
    for (int round = 0; round < Starts; round++)
    {
        foreach ((string name, string commandLine) in servers)
        {
            using ServerProcess server = ServerProcess.Start(commandLine);
            times[name].Add(server.FirstPongMs);
        }
    }
    foreach ((string name, List<double> values) in times)
        results.AddStart(name, values);
    results.Title("start");
    results.PrintStarts();
}

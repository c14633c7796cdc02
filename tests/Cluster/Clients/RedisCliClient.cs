using System.Diagnostics;
using System.Globalization;

namespace OrleansKv.Cluster.Tests.Clients;

/// <summary>
/// A session of redis-cli. How many lines it prints for a command that fails is its own affair; a line that is no command, at which it
/// complains without asking anybody, marks the end of what belongs to a command.
/// </summary>
internal sealed class RedisCliClient : CounterClient
{
    private const string NoCommand = "\"";
    private const string Redirected = "-> Redirected";
    private const string Complaint = "Invalid argument(s)";

    private readonly Process _process;
    private readonly bool _isCluster;

    public RedisCliClient(string name, bool isCluster, int port)
        : base(name)
    {
        _isCluster = isCluster;
        string command = string.Create(CultureInfo.InvariantCulture, $"exec redis-cli {(isCluster ? "-c" : "")} -p {port} 2>&1");
        var start = new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        _process = Process.Start(start)!;
    }

    public override void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    protected override void IncrementAll()
    {
        for (int i = 0; i < Keys.Length; i++)
        {
            Sent[i]++;
            if (Number($"INCR {Keys[i]}") > 0)
                Acknowledged[i]++;
        }
        if (!_isCluster)
            Connection = Number("CLIENT ID");
    }

    // The command's reply; 0 where it is no number.
    private long Number(string command)
    {
        _process.StandardInput.Write($"{command}\n{NoCommand}\n");
        _process.StandardInput.Flush();
        long number = 0;
        while (true)
        {
            string line = LineOf(_process) ?? throw new InvalidOperationException("redis-cli ended");
            if (line == Complaint)
                return number;
            if (long.TryParse(line, CultureInfo.InvariantCulture, out long parsed))
                number = parsed;
            else if (!line.StartsWith(Redirected, StringComparison.Ordinal))
                Error = line;
        }
    }
}

using System.Diagnostics;
using System.Net;

namespace OrleansKv.Drill.Servers;

/// <summary>
/// A network of its own for every node, so that cables can be pulled: network namespaces on one bridge, made inside the private namespace that
/// <c>benchmarks/drill/run --isolate</c> enters, and gone with it. Needs root and <c>ip</c>.
/// </summary>
internal sealed class Isolation
{
    private const int CommandMs = 10_000;
    private const string Bridge = "drill";
    private const int OwnNumber = 254;

    private readonly int _nodes;

    private Isolation(int nodes) => _nodes = nodes;

    /// <summary>Makes the networks of so many nodes.</summary>
    public static Isolation SetUp(int nodes)
    {
        string links = Ip("-o", "link", "show");
        if (links.Trim().Split('\n').Any(link => !link.Contains(": lo:", StringComparison.Ordinal) && link.Contains("LOWER_UP", StringComparison.Ordinal)))
            throw new InvalidOperationException("this is the machine's own network: use benchmarks/drill/run --isolate");
        // Names of namespaces are files there; this mount namespace is private, too.
        Run("mount", "-t", "tmpfs", "tmpfs", "/run");
        Ip("link", "set", "lo", "up");
        Ip("link", "add", Bridge, "type", "bridge");
        Ip("address", "add", $"{Address(OwnNumber)}/24", "dev", Bridge);
        Ip("link", "set", Bridge, "up");
        for (int i = 0; i < nodes; i++)
        {
            Ip("netns", "add", Name(i));
            Ip("link", "add", Outside(i), "type", "veth", "peer", "name", "eth0", "netns", Name(i));
            Ip("link", "set", Outside(i), "master", Bridge, "up");
            Ip("-n", Name(i), "link", "set", "lo", "up");
            Ip("-n", Name(i), "address", "add", $"{HostOf(i)}/24", "dev", "eth0");
            Ip("-n", Name(i), "link", "set", "eth0", "up");
        }
        return new Isolation(nodes);
    }

    public static IPAddress HostOf(int node) => Address(node + 1);

    /// <summary>What a command line is preceded by for the process to run in the node's network.</summary>
    public static IReadOnlyList<string> Prefix(int node) => ["ip", "netns", "exec", Name(node)];

    /// <summary>Whatever the node and the other nodes send each other is lost from now on. Clients still reach it.</summary>
    public void Cut(int node) => Route("add", node, Others(node));

    /// <summary>The node and one other do not hear each other; all else do.</summary>
    public void CutPair(int node, int other) => Route("add", node, [other]);

    /// <summary>Undoes either.</summary>
    public void Heal(int node)
    {
        string routes = Ip("-n", Name(node), "route", "show", "type", "blackhole");
        Route("del", node, Others(node).Where(other => routes.Contains($"{HostOf(other)} ", StringComparison.Ordinal)));
    }

    /// <summary>Nobody hears anything of the node, clients included, or everybody does again.</summary>
    public static void Plug(int node, bool isIn) => Ip("link", "set", Outside(node), isIn ? "up" : "down");

    private static void Route(string verb, int node, IEnumerable<int> others)
    {
        foreach (int other in others)
            Ip("-n", Name(node), "route", verb, "blackhole", $"{HostOf(other)}/32");
    }

    private IEnumerable<int> Others(int node) => Enumerable.Range(0, _nodes).Where(other => other != node);

    private static IPAddress Address(int number) => new([10, 77, 0, (byte)number]);

    private static string Name(int node) => $"node{node}";

    private static string Outside(int node) => $"cable{node}";

    private static string Ip(params string[] arguments) => Run("ip", arguments);

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(CommandMs))
            process.Kill();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.Result
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors.Result}");
    }
}

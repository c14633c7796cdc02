using System.Runtime.CompilerServices;
using OrleansKv.Support;

namespace OrleansKv.Interop;

/// <summary>Sessions of ioredis and node-redis; what they do is in the folder node.</summary>
public sealed class NodeTests(InteropServer server) : IClassFixture<InteropServer>
{
    private static readonly string[] Scenarios = ["strings", "collections", "pipeline", "transaction", "pubsub", "scan", "blocking", "reconnect"];

    public static TheoryData<string> All() => [.. Scenarios];

    public static TheoryData<string, int> AllInBothProtocols()
    {
        var cases = new TheoryData<string, int>();
        foreach (string scenario in Scenarios)
        {
            cases.Add(scenario, 2);
            cases.Add(scenario, 3);
        }
        return cases;
    }

    [NodeTheory("ioredis")]
    [MemberData(nameof(All))]
    public void IoRedis_Scenario_Succeeds(string scenario) => Run("ioredis-session.js", scenario);

    [NodeTheory("redis")]
    [MemberData(nameof(AllInBothProtocols))]
    public void NodeRedis_Scenario_Succeeds(string scenario, int protocol) => Run("node-redis-session.js", scenario, $"{protocol}");

    private void Run(string script, params string[] arguments) =>
        server.Run("node", [Path.Combine(NodeTheoryAttribute.Folder, script), $"{server.Port}", .. arguments]);
}

/// <summary>A theory that needs node and an installed package.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeTheoryAttribute : TheoryAttribute
{
    public static readonly string Folder = Path.Combine(ServerCommand.RepositoryRoot, "tests", "Interop", "node");

    public NodeTheoryAttribute(string package, [CallerMemberName] string test = "") =>
        this.SkipIf(Tools.WhyMissing("node") ?? WhyNotInstalled(package), test);

    private static string? WhyNotInstalled(string package) => Directory.Exists(Path.Combine(Folder, "node_modules", package))
        ? null
        : $"needs the package {package}: run `npm ci` in tests/Interop/node";
}

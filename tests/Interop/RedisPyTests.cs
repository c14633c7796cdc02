using System.Runtime.CompilerServices;
using OrleansKv.Support;

namespace OrleansKv.Interop;

/// <summary>Sessions of redis-py; what they do is in python/session.py.</summary>
public sealed class RedisPyTests(InteropServer server) : IClassFixture<InteropServer>
{
    private static readonly string Script = Path.Combine(ServerCommand.RepositoryRoot, "tests", "Interop", "python", "session.py");

    [RedisPyTheory]
    [InlineData("strings")]
    [InlineData("collections")]
    [InlineData("pipeline")]
    [InlineData("transaction")]
    [InlineData("pubsub")]
    [InlineData("scan")]
    [InlineData("blocking")]
    [InlineData("reconnect")]
    public void RedisPy_Scenario_Succeeds(string scenario) =>
        server.Run(RedisPyTheoryAttribute.Python!, Script, $"{server.Port}", scenario);
}

/// <summary>A theory that needs a Python with the module redis. The system's own is asked first: Debian's python3-redis installs for it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RedisPyTheoryAttribute : TheoryAttribute
{
    private const string SystemPython = "/usr/bin/python3";

    public RedisPyTheoryAttribute([CallerMemberName] string test = "") =>
        this.SkipIf(Python is null ? "needs python3 with the module redis (Debian: python3-redis)" : null, test);

    public static string? Python { get; } = new[] { SystemPython, Tools.Find("python3") }
        .FirstOrDefault(python => File.Exists(python) && RunResult.Of(python, ["-c", "import redis"]).ExitCode == 0);
}

using System.Runtime.CompilerServices;
using Xunit;

namespace OrleansKv.Support;

/// <summary>A fact that needs a Python with the module redis. The system's own is asked first: Debian's python3-redis installs for it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonRedisFactAttribute : FactAttribute
{
    public PythonRedisFactAttribute([CallerMemberName] string test = "") =>
        this.SkipIf(Python is null ? "needs python3 with the module redis (Debian: python3-redis)" : null, test);

    public static string? Python { get; } = new[] { "/usr/bin/python3", Tools.Find("python3") }
        .FirstOrDefault(python => File.Exists(python) && RunResult.Of(python, ["-c", "import redis.cluster"]).ExitCode == 0);
}

/// <summary>A fact that needs node and ioredis, installed for the interoperation tests.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class IoRedisFactAttribute : FactAttribute
{
    private static readonly string Package = Path.Combine(ServerCommand.RepositoryRoot, "tests", "Interop", "node", "node_modules", "ioredis");

    public IoRedisFactAttribute([CallerMemberName] string test = "") =>
        this.SkipIf(Tools.WhyMissing("node") ?? (Directory.Exists(Package) ? null : "needs ioredis: run `npm ci` in tests/Interop/node"), test);
}

using System.Reflection;
using Orleans;
using OrleansKv.Contracts;

namespace OrleansKv.Silo;

/// <summary>How the server names itself.</summary>
internal static class ProductInfo
{
    public const string Name = Product.Name;

    public static string Version => Product.Version;

    /// <summary>The Orleans that this build runs on.</summary>
    public static string Runtime { get; } = DescribeRuntime();

    /// <summary>The line that -v prints.</summary>
    public static string VersionLine { get; } =
        $"{Name} server v={Version} runtime={Runtime.Replace(' ', '-')} dotnet={Environment.Version} bits={IntPtr.Size * 8}";

    /// <summary>What -h prints.</summary>
    public const string Usage =
        """
        Usage: orleanskv [/path/to/redis.conf] [options] [-]
               orleanskv - (read the configuration from standard input)
               orleanskv -v or --version
               orleanskv -h or --help

        Examples:
               orleanskv (run the server with the default configuration)
               echo 'maxmemory 128mb' | orleanskv -
               orleanskv /etc/orleanskv/6379.conf
               orleanskv --port 7777
               orleanskv /etc/orleanskv/6379.conf --loglevel verbose -
        """;

    private static string DescribeRuntime()
    {
        Assembly assembly = typeof(Grain).Assembly;
        bool isLocal = assembly.GetName().Name == "OrleansKv.Orleans.Local";

        // Builds append the commit to the version, each in a way of its own.
        string? text = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        string version = text?.Split('+', ' ')[0].TrimEnd('.') ?? "of unknown version";
        return $"{(isLocal ? "Orleans.Local" : "Microsoft.Orleans")} {version}";
    }
}

using System.Reflection;
using System.Text;

namespace OrleansKv.Support;

/// <summary>
/// How a server is started: a program and its arguments, in which <c>{port}</c> and <c>{dir}</c> stand for what the test chooses. Where
/// a command line names neither, <c>--port N --dir D</c> is appended, which both redis-server and this server understand.
/// </summary>
public sealed record ServerCommand(IReadOnlyList<string> Words)
{
    /// <summary>Names another server to test in place of the one that this repository builds, as a whole command line.</summary>
    public const string SubjectVariable = "ORLEANSKV_TEST_SERVER";

    /// <summary>The redis-server to compare with, where it is not the one on PATH.</summary>
    public const string OracleVariable = "ORACLE_REDIS_SERVER";

    /// <summary>The server that the tests are about.</summary>
    public static ServerCommand Subject
    {
        get
        {
            string? chosen = Environment.GetEnvironmentVariable(SubjectVariable);
            if (!string.IsNullOrWhiteSpace(chosen))
                return Parse(chosen);
            string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
            return new ServerCommand([dotnet, SiloAssembly]);
        }
    }

    /// <summary>The real Redis, with persistence off.</summary>
    public static ServerCommand Redis => new([Environment.GetEnvironmentVariable(OracleVariable) ?? "redis-server", "--save", "", "--appendonly", "no"]);

    /// <summary>The server that this repository builds; its executable is beside it.</summary>
    public static string SiloAssembly => Metadata("SiloAssembly");

    public static string RepositoryRoot => Metadata("RepositoryRoot");

    /// <summary>Splits a command line at spaces; single and double quotes hold words together.</summary>
    public static ServerCommand Parse(string commandLine)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        char quote = '\0';
        foreach (char c in commandLine)
        {
            if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
                else
                    word!.Append(c);
            }
            else if (c is '"' or '\'')
            {
                quote = c;
                word ??= new StringBuilder();
            }
            else if (c != ' ')
            {
                (word ??= new StringBuilder()).Append(c);
            }
            else if (word is not null)
            {
                words.Add(word.ToString());
                word = null;
            }
        }
        if (word is not null)
            words.Add(word.ToString());
        return new ServerCommand(words);
    }

    /// <summary>The words with port and directory filled in.</summary>
    public IReadOnlyList<string> For(int port, string directory)
    {
        bool templated = Words.Any(word => word.Contains("{port}", StringComparison.Ordinal));
        IEnumerable<string> words = Words.Select(word => word
            .Replace("{port}", $"{port}", StringComparison.Ordinal)
            .Replace("{dir}", directory, StringComparison.Ordinal));
        return templated ? [.. words] : [.. words, "--port", $"{port}", "--dir", directory];
    }

    private static string Metadata(string key) => typeof(ServerCommand).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(attribute => attribute.Key == key).Value!;
}

using System.Globalization;
using System.Security.Cryptography;

namespace OrleansKv.Oracle;

/// <summary>
/// What the environment may choose: ORACLE_SEED (a number, or <c>random</c>), ORACLE_COMMANDS (per family and protocol) and ORACLE_FAMILY
/// (names with commas between them). The default seed is always the same, so that a run that passed passes again.
/// </summary>
internal static class OracleOptions
{
    private const int DefaultSeed = 20_260_101;
    private const int DefaultCommands = 10_000;

    public static int Seed { get; } = Environment.GetEnvironmentVariable("ORACLE_SEED") switch
    {
        null or "" => DefaultSeed,
        "random" => RandomNumberGenerator.GetInt32(int.MaxValue),
        string seed => int.Parse(seed, CultureInfo.InvariantCulture),
    };

    public static int Commands { get; } = Environment.GetEnvironmentVariable("ORACLE_COMMANDS") switch
    {
        null or "" => DefaultCommands,
        string commands => int.Parse(commands, CultureInfo.InvariantCulture),
    };

    public static bool Runs(string family)
    {
        string? wanted = Environment.GetEnvironmentVariable("ORACLE_FAMILY");
        return string.IsNullOrEmpty(wanted) || wanted.Split(',').Contains(family);
    }
}

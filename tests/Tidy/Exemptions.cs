namespace OrleansKv.Tidy;

/// <summary>A place where a rule would make the code worse, and why.</summary>
/// <param name="Rule">The name of the test that would fail.</param>
/// <param name="Place">The file, or the file and the member with a space in between.</param>
/// <param name="Reason">Why the rule does not fit there.</param>
internal sealed record Exemption(string Rule, string Place, string Reason);

/// <summary>
/// Every exception to the rules. The list only shrinks: an entry that is no longer needed fails its rule's test, and
/// <see cref="Limit"/> is lowered with every entry that goes.
/// </summary>
internal static class Exemptions
{
    public const int Limit = 4;

    public static readonly Exemption[] All =
    [
        new(nameof(BannedApiTests.BannedApis_OnlyInTheirWrappers), "src/Engine/Execution/RandomSource.cs",
            "The one source of randomness: seeded in tests."),
        new(nameof(BannedApiTests.BannedApis_OnlyInTheirWrappers), "src/RespGateway/Server/Stall.cs",
            "DEBUG SLEEP, which has no other purpose."),
        new(nameof(BannedApiTests.BannedApis_OnlyInTheirWrappers), "tests/Support/Wait.cs",
            "The one place where a test waits for a condition."),
        new(nameof(BannedApiTests.BannedApis_OnlyInTheirWrappers), "benchmarks/CompareServers/ServerProcess.cs",
            "Waits for a server that is starting; a project without references."),
    ];
}

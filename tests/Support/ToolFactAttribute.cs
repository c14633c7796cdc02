using System.Runtime.CompilerServices;
using Xunit;

namespace OrleansKv.Support;

/// <summary>A fact that is skipped, naming what is missing, where a program is not on PATH.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(string tool, [CallerMemberName] string test = "") => this.SkipIf(Tools.WhyMissing(tool), test);
}

/// <summary>A theory that is skipped, naming what is missing, where a program is not on PATH.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(string tool, [CallerMemberName] string test = "") => this.SkipIf(Tools.WhyMissing(tool), test);
}

/// <summary>Skipping for a reason that everybody sees.</summary>
public static class Skipping
{
    /// <summary>Skips the test if there is a reason, which becomes part of its name: `dotnet test` prints the names of skipped tests only.</summary>
    public static void SkipIf(this FactAttribute fact, string? reason, string test)
    {
        if (reason is null)
            return;
        fact.Skip = reason;
        fact.DisplayName = $"{test}: {reason}";
    }
}

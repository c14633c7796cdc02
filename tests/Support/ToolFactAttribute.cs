using Xunit;

namespace OrleansKv.Support;

/// <summary>A fact that is skipped, naming what is missing, where a program is not on PATH.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolFactAttribute : FactAttribute
{
    public ToolFactAttribute(params string[] tools) => Skip = Tools.WhyMissing(tools);
}

/// <summary>A theory that is skipped, naming what is missing, where a program is not on PATH.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ToolTheoryAttribute : TheoryAttribute
{
    public ToolTheoryAttribute(params string[] tools) => Skip = Tools.WhyMissing(tools);
}

using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansKv.Tidy;

/// <summary>A test's name says what is done to what and what comes of it: <c>HSet_ExistingField_ReturnsZero</c>.</summary>
public sealed class NamingTests
{
    [Fact]
    public void TestNames_HaveParts() => Finding.AssertNone(nameof(TestNames_HaveParts), Repository.Sources
        .Where(file => file.Path.StartsWith("tests/", StringComparison.Ordinal))
        .SelectMany(file => file.Root.DescendantNodes()
            .OfType<MethodDeclarationSyntax>()
            .Where(IsTest)
            .Where(method => !method.Identifier.Text.Contains('_', StringComparison.Ordinal))
            .Select(method => new Finding($"{file.Path} {method.Identifier.Text}", "has only one part"))));

    private static bool IsTest(MethodDeclarationSyntax method) => method.AttributeLists
        .SelectMany(list => list.Attributes)
        .Any(attribute => attribute.Name.ToString() is "Fact" or "Theory" or "ToolFact" or "ToolTheory");
}

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansKv.Tidy;

/// <summary>What makes code untestable or unfinished is not there, except in the one place that wraps it.</summary>
public sealed class BannedApiTests
{
    private static readonly HashSet<string> BannedMembers =
    [
        "DateTime.Now", "DateTime.UtcNow", "DateTimeOffset.Now", "DateTimeOffset.UtcNow", "Task.Delay", "Thread.Sleep", "Random.Shared",
    ];

    // Put together here, so that this file does not contain them.
    private static readonly string[] Leftovers = ["TO" + "DO", "FIX" + "ME", "HA" + "CK:", "XX" + "X:", "NotImplemented" + "Exception"];

    [Fact]
    public void BannedApis_OnlyInTheirWrappers() => Finding.AssertNone(nameof(BannedApis_OnlyInTheirWrappers), Repository.Sources
        .SelectMany(file => file.Root.DescendantNodes()
            .Where(node => IsBannedMember(node) || IsUnseededRandom(node))
            .Select(node => new Finding(file.Path, $"line {SourceFile.LineOf(node)}: {node}"))));

    [Fact]
    public void Leftovers_Nowhere() => Finding.AssertNone(nameof(Leftovers_Nowhere), Repository.Sources
        .SelectMany(file => Leftovers
            .Where(word => file.Text.Contains(word, StringComparison.Ordinal))
            .Select(word => new Finding(file.Path, $"contains {word}"))));

    [Fact]
    public void Regions_Nowhere() => Finding.AssertNone(nameof(Regions_Nowhere), Repository.Sources
        .SelectMany(file => file.Root.DescendantNodes(descendIntoTrivia: true)
            .OfType<RegionDirectiveTriviaSyntax>()
            .Select(region => new Finding(file.Path, $"line {SourceFile.LineOf(region)}: {region}"))));

    [Fact]
    public void ConditionalCompilation_NotAboveTheRuntimeLine() => Finding.AssertNone(
        nameof(ConditionalCompilation_NotAboveTheRuntimeLine),
        Repository.Sources
            .Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal))
            .Where(file => !file.Path.StartsWith("src/Orleans.Local/", StringComparison.Ordinal))
            .SelectMany(file => file.Root.DescendantNodes(descendIntoTrivia: true)
                .OfType<IfDirectiveTriviaSyntax>()
                .Select(condition => new Finding(file.Path, $"line {SourceFile.LineOf(condition)}: {condition}"))));

    [Fact]
    public void Exemptions_OnlyShrink() => Assert.True(
        Exemptions.All.Length <= Exemptions.Limit,
        $"{Exemptions.All.Length} exemptions; {Exemptions.Limit} at most");

    private static bool IsBannedMember(SyntaxNode node) =>
        node is MemberAccessExpressionSyntax access && BannedMembers.Contains($"{LastName(access.Expression)}.{access.Name.Identifier.Text}");

    // System.DateTime.UtcNow is DateTime.UtcNow.
    private static string LastName(ExpressionSyntax expression) => expression switch
    {
        MemberAccessExpressionSyntax access => access.Name.Identifier.Text,
        _ => expression.ToString(),
    };

    private static bool IsUnseededRandom(SyntaxNode node) =>
        node is ObjectCreationExpressionSyntax { ArgumentList.Arguments.Count: 0 } creation && LastName(creation) == "Random";

    private static string LastName(ObjectCreationExpressionSyntax creation) => creation.Type.ToString().Split('.')[^1];
}

using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansKv.Tidy;

/// <summary>Files and methods stay short enough to be read at once.</summary>
public sealed partial class LengthTests
{
    private const int MaxFileLines = 600;
    private const int MaxMethodLines = 70;
    private const int MaxColumns = 160;

    [Fact]
    public void Files_NotTooLong() => Finding.AssertNone(nameof(Files_NotTooLong), Repository.Sources
        .Where(file => file.LineCount > MaxFileLines)
        .Select(file => new Finding(file.Path, $"{file.LineCount} lines; {MaxFileLines} at most")));

    [Fact]
    public void Methods_NotTooLong() => Finding.AssertNone(nameof(Methods_NotTooLong), Repository.Sources
        .SelectMany(file => file.Root.DescendantNodes().Where(IsMethod).Select(method => (file, method)))
        .Where(found => Lines(found.method) > MaxMethodLines)
        .Select(found => new Finding($"{found.file.Path} {NameOf(found.method)}", $"{Lines(found.method)} lines; {MaxMethodLines} at most")));

    [Fact]
    public void Lines_NotTooWide() => Finding.AssertNone(nameof(Lines_NotTooWide), Repository.Sources
        .SelectMany(file => file.Text.Split('\n').Select((line, index) => (file, line, number: index + 1)))
        .Where(found => found.line.Length > MaxColumns && WithoutTexts(found.line).Length > MaxColumns)
        .Select(found => new Finding(found.file.Path, $"line {found.number} has {found.line.Length} columns; {MaxColumns} at most")));

    // A message to the user is easier to find in one piece.
    private static string WithoutTexts(string line) => TextLiteral().Replace(line, "");

    [GeneratedRegex(@"""(?:[^""\\]|\\.)*""")]
    private static partial Regex TextLiteral();

    private static bool IsMethod(SyntaxNode node) =>
        node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax;

    private static string NameOf(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        LocalFunctionStatementSyntax function => function.Identifier.Text,
        AccessorDeclarationSyntax { Parent.Parent: PropertyDeclarationSyntax property } => property.Identifier.Text,
        _ => node.Kind().ToString(),
    };

    // From the signature to the closing brace; the comment above does not count.
    private static int Lines(SyntaxNode node)
    {
        FileLinePositionSpan span = node.SyntaxTree.GetLineSpan(node.Span);
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}

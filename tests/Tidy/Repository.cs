using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace OrleansKv.Tidy;

/// <summary>A source file: its path from the root, with forward slashes, and its syntax.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    private static readonly CSharpParseOptions Latest = new(LanguageVersion.Preview);

    private readonly Lazy<SyntaxNode> _root = new(() => CSharpSyntaxTree.ParseText(Text, Latest).GetRoot());

    public SyntaxNode Root => _root.Value;

    public int LineCount => Text.AsSpan().Count('\n');

    public static int LineOf(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
}

/// <summary>The files that the rules are about: everything that is ours, nothing that a tool made.</summary>
internal static class Repository
{
    private static readonly string[] Folders = ["src", "tests", "benchmarks", "deploy"];

    private static readonly HashSet<string> Made = ["bin", "obj", "node_modules", "BenchmarkDotNet.Artifacts"];

    public static readonly string Root = Assembly.GetExecutingAssembly()
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(attribute => attribute.Key == "RepositoryRoot").Value!;

    public static readonly IReadOnlyList<SourceFile> Sources = [.. Files(".cs").Select(path => new SourceFile(path, Read(path)))];

    /// <summary>Paths of the files that end so, from the root.</summary>
    public static IEnumerable<string> Files(string ending) => Folders
        .Select(folder => Path.Combine(Root, folder))
        .Where(Directory.Exists)
        .SelectMany(Walk)
        .Where(path => path.EndsWith(ending, StringComparison.Ordinal))
        .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
        .Order(StringComparer.Ordinal);

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string folder) => Directory.EnumerateFiles(folder).Concat(
        Directory.EnumerateDirectories(folder).Where(child => !Made.Contains(Path.GetFileName(child))).SelectMany(Walk));
}

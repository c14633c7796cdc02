using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansKv.Tidy;

/// <summary>Dependencies point one way: Silo → RespGateway → Engine → Contracts and Silo → Grains → Engine → Contracts.</summary>
public sealed class DependencyTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Contracts"] = [],
        ["Engine"] = ["Contracts"],
        ["Grains"] = ["Engine"],
        ["RespGateway"] = ["Engine"],
        ["Silo"] = ["Grains", "RespGateway"],
        ["Orleans.Local"] = [],
    };

    private static readonly string[] BannedInEngine = ["Orleans", "System.Net.Sockets", "Microsoft.AspNetCore"];

    [Fact]
    public void Projects_ReferenceOnlyWhatLiesBelow()
    {
        string[] projects = [.. Repository.Files(".csproj").Where(path => path.StartsWith("src/", StringComparison.Ordinal))];
        Assert.Equal(Allowed.Keys.Order(), projects.Select(NameOf).Order());
        Finding.AssertNone(nameof(Projects_ReferenceOnlyWhatLiesBelow), projects.SelectMany(path => References(path)
            .Where(reference => !Allowed[NameOf(path)].Contains(reference))
            .Select(reference => new Finding(path, $"references {reference}"))));
    }

    /// <summary>Contracts brings Orleans along, so the project file alone does not keep it out of the engine.</summary>
    [Fact]
    public void Engine_KnowsNeitherOrleansNorSockets() => Finding.AssertNone(nameof(Engine_KnowsNeitherOrleansNorSockets), Repository.Sources
        .Where(file => file.Path.StartsWith("src/Engine/", StringComparison.Ordinal))
        .SelectMany(file => file.Root.DescendantNodes()
            .OfType<NameSyntax>()
            .Where(name => name.Parent is not NameSyntax)
            .Where(name => BannedInEngine.Any(banned => IsWithin(name.ToString(), banned)))
            .Select(name => new Finding(file.Path, $"line {SourceFile.LineOf(name)}: {name}"))));

    [Fact]
    public void Engine_ImportsNoRuntime() =>
        Assert.DoesNotContain("Orleans.targets", Repository.Read("src/Engine/Engine.csproj"), StringComparison.Ordinal);

    [Fact]
    public void NodeLockFiles_NameNoDownloadAddress() => Finding.AssertNone(nameof(NodeLockFiles_NameNoDownloadAddress), Repository
        .Files("package-lock.json")
        .Where(path => Repository.Read(path).Contains("\"resolved\"", StringComparison.Ordinal))
        .Select(path => new Finding(path, "records where packages were downloaded from")));

    private static bool IsWithin(string name, string space) => name == space || name.StartsWith(space + ".", StringComparison.Ordinal);

    private static IEnumerable<string> References(string path) => XDocument.Parse(Repository.Read(path))
        .Descendants("ProjectReference")
        .Select(reference => NameOf(reference.Attribute("Include")!.Value));

    private static string NameOf(string path) => Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));
}

using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace OrleansKv.Tidy;

/// <summary>
/// Every type of ours that crosses a grain interface says how it is written: [GenerateSerializer], an [Alias] that no other type has, and
/// an [Id] of its own on each member. A type crosses when it is named in a signature of a grain or observer interface, or by a member of
/// a type that crosses.
/// </summary>
public sealed class WireTypeTests
{
    private static readonly Dictionary<string, (SourceFile File, TypeDeclarationSyntax Type)> Declared = Repository.Sources
        .Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal))
        .Where(file => !file.Path.StartsWith("src/Orleans.Local/", StringComparison.Ordinal))
        .SelectMany(file => file.Root.DescendantNodes().OfType<TypeDeclarationSyntax>().Select(type => (file, type)))
        .GroupBy(found => found.type.Identifier.Text)
        .ToDictionary(group => group.Key, group => group.First());

    [Fact]
    public void WireTypes_GenerateSerializer() => Finding.AssertNone(nameof(WireTypes_GenerateSerializer), Crossing()
        .Where(found => Attribute(found.Type.AttributeLists, "GenerateSerializer") is null)
        .Select(found => FindingOf(found, "lacks [GenerateSerializer]")));

    [Fact]
    public void WireTypes_HaveUniqueAliases()
    {
        var aliases = Crossing().Select(found => (Found: found, Alias: Argument(found.Type.AttributeLists, "Alias"))).ToList();
        IEnumerable<Finding> missing = aliases.Where(pair => pair.Alias is null).Select(pair => FindingOf(pair.Found, "lacks [Alias]"));
        IEnumerable<Finding> twice = aliases
            .Where(pair => pair.Alias is not null)
            .GroupBy(pair => pair.Alias)
            .Where(group => group.Count() > 1)
            .Select(group => FindingOf(group.First().Found, $"shares the alias {group.Key}"));
        Finding.AssertNone(nameof(WireTypes_HaveUniqueAliases), missing.Concat(twice));
    }

    [Fact]
    public void WireTypes_HaveAnIdOnEachMember() => Finding.AssertNone(nameof(WireTypes_HaveAnIdOnEachMember), Crossing().SelectMany(found =>
    {
        var ids = Members(found.Type).Select(member => (member.Name, Id: Argument(member.Attributes, "Id"))).ToList();
        IEnumerable<Finding> missing = ids.Where(id => id.Id is null).Select(id => FindingOf(found, $"{id.Name} lacks [Id]"));
        IEnumerable<Finding> twice = ids.Where(id => id.Id is not null).GroupBy(id => id.Id).Where(group => group.Count() > 1)
            .Select(group => FindingOf(found, $"[Id({group.Key})] twice"));
        return missing.Concat(twice);
    }));

    private static List<(SourceFile File, TypeDeclarationSyntax Type)> Crossing()
    {
        var reached = new HashSet<string>();
        var open = new Queue<SyntaxNode>(Declared.Values.Where(found => IsGrainInterface(found.Type)).Select(found => found.Type));
        while (open.TryDequeue(out SyntaxNode? node))
        {
            foreach (IdentifierNameSyntax name in NamedTypes(node))
            {
                string text = name.Identifier.Text;
                if (!Declared.TryGetValue(text, out (SourceFile File, TypeDeclarationSyntax Type) found) || found.Type is InterfaceDeclarationSyntax)
                    continue;
                if (reached.Add(text))
                    open.Enqueue(found.Type);
            }
        }
        return [.. reached.Order(StringComparer.Ordinal).Select(name => Declared[name])];
    }

    private static bool IsGrainInterface(TypeDeclarationSyntax type) =>
        type is InterfaceDeclarationSyntax && type.BaseList is not null && type.BaseList.Types.Any(parent =>
            parent.ToString().StartsWith("IGrain", StringComparison.Ordinal)
            || (Declared.TryGetValue(parent.ToString(), out (SourceFile File, TypeDeclarationSyntax Type) found) && IsGrainInterface(found.Type)));

    // The types of parameters, results and stored members; not what is named inside bodies.
    private static IEnumerable<IdentifierNameSyntax> NamedTypes(SyntaxNode type)
    {
        IEnumerable<TypeSyntax> types = type is InterfaceDeclarationSyntax
            ? type.DescendantNodes().OfType<MethodDeclarationSyntax>()
                .SelectMany(method => method.ParameterList.Parameters.Select(parameter => parameter.Type!).Append(method.ReturnType))
            : Members((TypeDeclarationSyntax)type).Select(member => member.Type);
        return types.SelectMany(named => named.DescendantNodesAndSelf()).OfType<IdentifierNameSyntax>();
    }

    private static IEnumerable<(string Name, TypeSyntax Type, SyntaxList<AttributeListSyntax> Attributes)> Members(TypeDeclarationSyntax type)
    {
        if (type is RecordDeclarationSyntax { ParameterList: ParameterListSyntax parameters })
        {
            foreach (ParameterSyntax parameter in parameters.Parameters)
                yield return (parameter.Identifier.Text, parameter.Type!, parameter.AttributeLists);
        }
        foreach (MemberDeclarationSyntax member in type.Members.Where(member => !member.Modifiers.Any(IsStatic)))
        {
            if (member is PropertyDeclarationSyntax { AccessorList: AccessorListSyntax accessors } property
                && accessors.Accessors.All(accessor => accessor.Body is null && accessor.ExpressionBody is null))
                yield return (property.Identifier.Text, property.Type, property.AttributeLists);
            if (member is FieldDeclarationSyntax field)
                yield return (field.Declaration.Variables[0].Identifier.Text, field.Declaration.Type, field.AttributeLists);
        }
    }

    private static bool IsStatic(SyntaxToken modifier) => modifier.IsKind(SyntaxKind.StaticKeyword) || modifier.IsKind(SyntaxKind.ConstKeyword);

    private static Finding FindingOf((SourceFile File, TypeDeclarationSyntax Type) found, string what) =>
        new($"{found.File.Path} {found.Type.Identifier.Text}", what);

    private static AttributeSyntax? Attribute(SyntaxList<AttributeListSyntax> lists, string name) =>
        lists.SelectMany(list => list.Attributes).FirstOrDefault(attribute => attribute.Name.ToString().Split('.')[^1] == name);

    private static string? Argument(SyntaxList<AttributeListSyntax> lists, string name) =>
        Attribute(lists, name)?.ArgumentList?.Arguments.FirstOrDefault()?.ToString();
}

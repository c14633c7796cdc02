using System.Text;
using OrleansKv.Engine.Configuration;

namespace OrleansKv.Engine.Tests.Configuration;

/// <summary>
/// The table of parameters in docs/operations.md is made from the rows. When it is out of date, run this test with ORLEANSKV_UPDATE_DOCS=1,
/// which writes it, and look at the difference.
/// </summary>
public sealed class OperationsDocumentTests
{
    private const string Begin = "<!-- Made from the rows in src/Engine/Configuration; do not edit. -->\n";
    private const string End = "<!-- End of what is made from the rows. -->\n";

    [Fact]
    public void Operations_ParameterTable_IsUpToDate()
    {
        string path = Path.Combine(FindRepository(), "docs", "operations.md");
        string text = File.ReadAllText(path);
        int start = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = text.IndexOf(End, start, StringComparison.Ordinal);
        string current = text[..start] + Tables() + text[end..];

        if (Environment.GetEnvironmentVariable("ORLEANSKV_UPDATE_DOCS") == "1")
            File.WriteAllText(path, current);
        Assert.Equal(current, File.ReadAllText(path));
    }

    private static string Tables()
    {
        var text = new StringBuilder();
        foreach (ConfigParameterGroup group in ConfigParameters.Groups)
        {
            text.Append("\n### ").Append(group.Title).Append("\n\n");
            text.Append("| parameter | what it does | values | default | CONFIG SET |\n|---|---|---|---|---|\n");
            foreach (ConfigParameter parameter in group.Parameters)
                text.Append(Row(parameter));
        }

        return text.Append('\n').ToString();
    }

    private static string Row(ConfigParameter parameter)
    {
        string names = string.Join(", ", ((string[])[parameter.Name, .. parameter.Aliases]).Select(name => $"`{name}`"));
        string value = parameter.Default.Length == 0 ? "`\"\"`" : $"`{parameter.Default}`";
        string change = parameter.Has(ConfigFlags.Immutable) ? "no"
            : parameter.Has(ConfigFlags.Protected) ? "with `enable-protected-configs`"
            : "yes";
        return $"| {names} | {parameter.Summary} | {parameter.Values} | {value} | {change} |\n";
    }

    private static string FindRepository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "OrleansKv.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return directory.FullName;
    }
}

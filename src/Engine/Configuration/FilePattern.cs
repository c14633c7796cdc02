using System.Text;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Configuration;

/// <summary>The shell's file patterns, as far as <c>include</c> needs them: * ? and [ ] in any part of the path.</summary>
internal static class FilePattern
{
    /// <summary>The files that match, in the order of their names. A leading dot is matched only by a dot.</summary>
    public static IEnumerable<string> Expand(string pattern, string baseDirectory)
    {
        IEnumerable<string> paths = [Path.IsPathRooted(pattern) ? "/" : baseDirectory];
        foreach (string part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            paths = ConfigText.IsPattern(part)
                ? [.. paths.SelectMany(path => Matching(path, part))]
                : [.. paths.Select(path => Path.Combine(path, part))];
        }

        return paths.Where(File.Exists).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Matching(string directory, string pattern)
    {
        if (!Directory.Exists(directory))
            return [];
        return Directory.EnumerateFileSystemEntries(directory).Where(path =>
        {
            string name = Path.GetFileName(path);
            return (name[0] != '.' || pattern[0] == '.') && Glob.IsMatch(Encoding.UTF8.GetBytes(pattern), Encoding.UTF8.GetBytes(name));
        });
    }
}

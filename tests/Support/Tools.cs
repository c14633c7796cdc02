namespace OrleansKv.Support;

/// <summary>Finds the programs that some tests need and that a machine with just the .NET SDK does not have.</summary>
public static class Tools
{
    /// <summary>The full path of a program on PATH, or null.</summary>
    public static string? Find(string name)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Why a test that needs these programs must be skipped, or null when all are there.</summary>
    public static string? WhyMissing(params string[] names)
    {
        string[] missing = [.. names.Where(name => Find(name) is null)];
        return missing.Length switch
        {
            0 => null,
            1 => $"needs {missing[0]}, which is not on PATH",
            _ => $"needs {string.Join(", ", missing)}, which are not on PATH",
        };
    }
}

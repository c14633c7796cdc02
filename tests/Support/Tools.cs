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

    /// <summary>Why a test that needs this program must be skipped, or null when it is there.</summary>
    public static string? WhyMissing(string name) => Find(name) is null ? $"needs {name}, which is not on PATH" : null;
}

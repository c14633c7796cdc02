using System.Diagnostics;
using System.Reflection;
using OrleansKv.CompareServers;

Options options;
try
{
    options = Options.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Options.Help}");
    return 2;
}
if (options.WantsHelp)
{
    Console.WriteLine(Options.Help);
    return 0;
}

string published = Path.Combine(Path.GetTempPath(), $"orleanskv-published-{Environment.ProcessId}");
try
{
    List<Rival> rivals = Rival.Choose(options.Servers, published);
    if (rivals.Any(rival => rival.CommandLine.StartsWith(published, StringComparison.Ordinal)))
        Publish();
    new Comparison(options, rivals).Run();
    return 0;
}
catch (InvalidOperationException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
finally
{
    if (Directory.Exists(published))
        Directory.Delete(published, recursive: true);
}

// The executable that a user would install, not what `dotnet run` starts.
void Publish()
{
    string root = Assembly.GetExecutingAssembly()
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(attribute => attribute.Key == "RepositoryRoot").Value!;
    string silo = Path.Combine(root, "src", "Silo");
    using Process process = Process.Start("dotnet", ["publish", "-c", "Release", silo, "-o", published, "-v", "q", "--nologo"]);
    process.WaitForExit();
    if (process.ExitCode != 0)
        throw new InvalidOperationException($"{silo} could not be published");
}

using System.Diagnostics;
using System.Reflection;

namespace OrleansKv.Silo.Processes;

/// <summary>
/// <c>daemonize yes</c>. A .NET process has threads from its first instruction on and so cannot fork; instead the process starts itself again
/// with the same arguments and a mark in the environment, and ends. The second process detaches from session and terminal. What the first
/// one read from standard input goes to the second one's. Its outputs are pipes from its first instruction on, because the runtime keeps
/// copies of them, which would hold a terminal or a reader of the first process's output.
/// </summary>
internal static class Daemon
{
    public const string Mark = "ORLEANSKV_DAEMON";

    /// <summary>Whether this process is the second one. Clears the mark, so that no process started from here inherits it.</summary>
    public static bool TakeMark()
    {
        bool isMarked = Environment.GetEnvironmentVariable(Mark) is not null;
        if (isMarked)
            Environment.SetEnvironmentVariable(Mark, null);
        return isMarked;
    }

    /// <summary>Starts the second process.</summary>
    public static void Start(IEnumerable<string> arguments, string standardInput)
    {
        string executable = Environment.ProcessPath ?? throw new InvalidOperationException("The path of the executable is unknown.");
        var start = new ProcessStartInfo(executable)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(executable) == "dotnet")
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment[Mark] = "1";

        using Process process = Process.Start(start) ?? throw new InvalidOperationException("The background process did not start.");
        process.StandardInput.Write(standardInput);
        process.StandardInput.Close();
    }

    /// <summary>In the second process: a session of its own, and nothing to read from or write to.</summary>
    public static void Detach()
    {
        if (OperatingSystem.IsWindows())
            return;
        _ = NativeMethods.CreateSession();
        int nothing = NativeMethods.Open("/dev/null", NativeMethods.OpenReadWrite);
        if (nothing < 0)
            return;
        for (int standard = 0; standard <= 2; standard++)
            _ = NativeMethods.Duplicate(nothing, standard);
        if (nothing > 2)
            _ = NativeMethods.Close(nothing);
    }
}

using System.Collections;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using OrleansKv.Engine.Configuration;

namespace OrleansKv.Silo.Processes;

/// <summary>
/// Starts the program of this process anew in its place: same number, same command line, nothing left of what it had in memory, and every
/// connection closed in the same instant. The configuration goes along as it is now, CONFIG SET included, through standard input, so that
/// neither a file nor the process list shows it.
/// </summary>
internal sealed class ProcessRestart
{
    /// <summary>In the environment of what is started: standard input holds the whole configuration.</summary>
    private const string Mark = "ORLEANSKV_RESTARTED";

    private readonly string _executable = Environment.ProcessPath ?? throw new InvalidOperationException("The path of the executable is unknown.");
    private readonly string _directory = Environment.CurrentDirectory;
    private readonly string[] _arguments;
    private readonly bool _isBackground;

    /// <param name="arguments">Those of the program.</param>
    /// <param name="isBackground">Whether this is the second process of <c>daemonize</c>.</param>
    public ProcessRestart(string[] arguments, bool isBackground)
    {
        _isBackground = isBackground;
        _arguments = Path.GetFileNameWithoutExtension(_executable) == "dotnet"
            ? [_executable, typeof(ProcessRestart).Assembly.Location, .. arguments]
            : [_executable, .. arguments];
    }

    /// <summary>In what was started: the configuration to go on with; null in a process that somebody else has started.</summary>
    public static string? TakeConfiguration()
    {
        if (Environment.GetEnvironmentVariable(Mark) is null)
            return null;
        Environment.SetEnvironmentVariable(Mark, null);
        using Stream input = Console.OpenStandardInput();
        using var content = new MemoryStream();
        input.CopyTo(content);
        return ConfigText.FromBytes(content.ToArray());
    }

    /// <summary>Does not return, unless the system refuses; then gives the reason.</summary>
    public string Run(ServerConfig config)
    {
        if (OperatingSystem.IsWindows())
            return "this system cannot replace a process";
        try
        {
            PassOn(ConfigText.ToBytes(ConfigRewriter.Print(config)));
            Environment.CurrentDirectory = _directory;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }

        _ = NativeMethods.Execute(_executable, Pointers(_arguments), Pointers(EnvironmentVariables()));
        return Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
    }

    /// <summary>Makes the text what standard input reads: a file that has no name any more.</summary>
    [UnsupportedOSPlatform("windows")]
    private static void PassOn(byte[] text)
    {
        string path = Path.Combine(Path.GetTempPath(), $"orleanskv-{Guid.NewGuid():N}");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        try
        {
            using (var file = new FileStream(path, options))
                file.Write(text);
            int descriptor = NativeMethods.Open(path, NativeMethods.OpenRead);
            if (descriptor < 0 || NativeMethods.Duplicate(descriptor, 0) < 0)
                throw new IOException("The configuration cannot be passed on.");
            _ = descriptor > 0 ? NativeMethods.Close(descriptor) : 0;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private IEnumerable<string> EnvironmentVariables()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            yield return $"{variable.Key}={variable.Value}";
        yield return $"{Mark}=1";
        if (_isBackground)
            yield return $"{Daemon.Mark}=1";
    }

    /// <summary>Strings as C has them, with a null at the end. They are never freed: the process is about to be another.</summary>
    private static nint[] Pointers(IEnumerable<string> texts) => [.. texts.Select(Marshal.StringToCoTaskMemUTF8), 0];
}

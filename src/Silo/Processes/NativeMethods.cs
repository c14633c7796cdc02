using System.Runtime.InteropServices;

namespace OrleansKv.Silo.Processes;

/// <summary>The calls of the C library that setting up a Unix process needs and the framework lacks.</summary>
internal static partial class NativeMethods
{
    public const int OpenRead = 0;

    public const int OpenReadWrite = 2;

    /// <summary>RLIMIT_NOFILE.</summary>
    public static readonly int OpenFilesResource = OperatingSystem.IsMacOS() ? 8 : 7;

    public static readonly int StopSignal = OperatingSystem.IsMacOS() ? 17 : 19;

    [LibraryImport("libc", EntryPoint = "setsid")]
    public static partial int CreateSession();

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "dup2")]
    public static partial int Duplicate(int from, int to);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    /// <summary>Another program in the place of this one. Both lists end with a null.</summary>
    [LibraryImport("libc", EntryPoint = "execve", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial int Execute(string path, nint[] arguments, nint[] environment);

    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int SendSignal(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    public static partial int GetResourceLimit(int resource, out ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    public struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }
}

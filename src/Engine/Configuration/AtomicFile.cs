using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansKv.Engine.Configuration;

/// <summary>Replaces a file so that a crash at any point leaves either the old content or the new: write, fsync, rename, fsync the directory.</summary>
internal static partial class AtomicFile
{
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string temporaryPath = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (SafeFileHandle file = File.OpenHandle(temporaryPath, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(file, content, 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(temporaryPath, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporaryPath);
            throw;
        }

        SynchronizeDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>
    /// Makes a rename survive a crash. The framework opens no directories, so this calls the C library; Windows needs no such step.
    /// </summary>
    private static void SynchronizeDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        const int ReadOnly = 0;
        int descriptor = Open(path, ReadOnly);
        if (descriptor < 0 || Synchronize(descriptor) != 0)
        {
            string reason = Marshal.GetLastPInvokeErrorMessage();
            _ = Close(descriptor);
            throw new IOException(reason);
        }

        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}

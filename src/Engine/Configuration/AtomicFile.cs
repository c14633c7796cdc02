using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansKv.Engine.Configuration;

/// <summary>
/// Puts a whole file in its place so that a crash at any point leaves either what was there or the new content: write to another name, fsync,
/// rename or link, fsync the directory. Both names are in one directory.
/// </summary>
public static partial class AtomicFile
{
    /// <summary>Files of this ending are left by crashes alone, and nobody reads them.</summary>
    public const string TemporaryExtension = ".tmp";

    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string temporaryPath = WriteTemporary(path, content);
        try
        {
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
    /// Creates a file that is not there yet: false, and nothing done, if it is. Of several processes that try at once exactly one succeeds.
    /// </summary>
    public static bool TryCreate(string path, ReadOnlySpan<byte> content)
    {
        string temporaryPath = WriteTemporary(path, content);
        try
        {
            if (!TryLink(temporaryPath, path))
                return false;
        }
        finally
        {
            File.Delete(temporaryPath);
        }

        SynchronizeDirectory(Path.GetDirectoryName(path)!);
        return true;
    }

    private static string WriteTemporary(string path, ReadOnlySpan<byte> content)
    {
        string temporaryPath = $"{path}.{Guid.NewGuid():N}{TemporaryExtension}";
        try
        {
            using SafeFileHandle file = File.OpenHandle(temporaryPath, FileMode.CreateNew, FileAccess.Write);
            RandomAccess.Write(file, content, 0);
            RandomAccess.FlushToDisk(file);
        }
        catch
        {
            File.Delete(temporaryPath);
            throw;
        }

        return temporaryPath;
    }

    /// <summary>The framework's move without overwriting looks first and renames then; a link does both in one step.</summary>
    private static bool TryLink(string temporaryPath, string path)
    {
        if (OperatingSystem.IsWindows())
            return TryMove(temporaryPath, path);
        const int AlreadyThere = 17;
        if (Link(temporaryPath, path) == 0)
            return true;
        return Marshal.GetLastPInvokeError() == AlreadyThere
            ? false
            : throw new IOException($"Linking {path}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static bool TryMove(string temporaryPath, string path)
    {
        try
        {
            File.Move(temporaryPath, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
    }

    /// <summary>
    /// Makes a rename survive a crash. The framework opens no directories, so this calls the C library; Windows needs no such step.
    /// </summary>
    public static void SynchronizeDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        const int ReadOnly = 0;
        int descriptor = Open(path, ReadOnly);
        if (descriptor < 0 || Synchronize(descriptor) != 0)
        {
            string reason = Marshal.GetLastPInvokeErrorMessage();
            if (descriptor >= 0)
                _ = Close(descriptor);
            throw new IOException(reason);
        }

        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existingPath, string newPath);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}

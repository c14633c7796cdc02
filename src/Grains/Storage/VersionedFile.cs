using System.Globalization;
using OrleansKv.Engine.Configuration;

namespace OrleansKv.Grains.Storage;

/// <summary>
/// Bytes that several processes compare and set. Every version is a file of its own in one directory, named by its number; the highest is the
/// current one, and the next is made by creating a file that must not be there. So there is no lock, and nothing that a process which is
/// killed or stopped in the middle could leave locked: a silo that hangs here must not keep the others from declaring it dead.
/// <para>
/// Of the older versions a few are kept. Who was stopped for so long that the version it meant to create has come and gone may create it again;
/// it sees then that the current one is too far away to say what has become of its own.
/// </para>
/// </summary>
internal sealed class VersionedFile(string directory, string extension, int keep)
{
    private static readonly TimeSpan TemporaryAge = TimeSpan.FromMinutes(10);

    /// <summary>More than so many times in one read no file can have vanished while it was opened.</summary>
    private const int ReadAttempts = 100;

    /// <summary>The current version's number and content; 0 and nothing if there is none.</summary>
    public (long Version, byte[] Content) Read()
    {
        for (int attempt = 0; attempt < ReadAttempts; attempt++)
        {
            long version = Versions().LastOrDefault();
            if (version == 0)
                return (0, []);
            try
            {
                return (version, File.ReadAllBytes(PathOf(version)));
            }
            catch (FileNotFoundException)
            {
                // Later versions came, and this one went.
            }
        }

        throw new IOException($"The versions in {directory} change faster than they can be read.");
    }

    /// <summary>
    /// Makes the version after <paramref name="version"/> (0: the first). False if that is not the current one. Throws IOException if it cannot be
    /// told whether it was; the content may be in its place then.
    /// </summary>
    public bool TryReplace(long version, ReadOnlySpan<byte> content)
    {
        if (version == 0 && !Directory.Exists(directory))
            CreateDirectory();
        if (Versions().LastOrDefault() != version || !AtomicFile.TryCreate(PathOf(version + 1), content))
            return false;
        List<long> versions = Versions();
        if (versions[^1] > version + keep)
            throw new IOException($"Too much has changed in {directory} to say whether version {version + 1} was ever the current one.");
        Prune(versions);
        return true;
    }

    private void CreateDirectory()
    {
        Directory.CreateDirectory(directory);
        AtomicFile.SynchronizeDirectory(Path.GetDirectoryName(Path.GetFullPath(directory))!);
    }

    private string PathOf(long version) => Path.Combine(directory, version.ToString(CultureInfo.InvariantCulture) + extension);

    /// <summary>All that are there, ascending.</summary>
    private List<long> Versions()
    {
        if (!Directory.Exists(directory))
            return [];
        List<long> versions = [];
        foreach (string path in Directory.EnumerateFiles(directory))
        {
            ReadOnlySpan<char> name = Path.GetFileName(path.AsSpan());
            if (name.EndsWith(extension, StringComparison.Ordinal)
                && long.TryParse(name[..^extension.Length], NumberStyles.None, CultureInfo.InvariantCulture, out long version))
                versions.Add(version);
        }

        versions.Sort();
        return versions;
    }

    private void Prune(List<long> versions)
    {
        long current = versions[^1];
        foreach (long version in versions.TakeWhile(version => version <= current - keep))
            File.Delete(PathOf(version));
        DateTime oldest = File.GetLastWriteTimeUtc(PathOf(current)) - TemporaryAge;
        foreach (string path in Directory.EnumerateFiles(directory, "*" + AtomicFile.TemporaryExtension))
        {
            // A file that has just gone has the year 1601, and deleting it again does nothing.
            if (File.GetLastWriteTimeUtc(path) < oldest)
                File.Delete(path);
        }
    }
}

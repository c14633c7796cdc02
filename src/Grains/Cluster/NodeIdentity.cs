using System.Security.Cryptography;

namespace OrleansKv.Grains.Cluster;

/// <summary>The id of a node, which stays the same over its incarnations: 40 hexadecimal digits, in a file of its data directory.</summary>
internal static class NodeIdentity
{
    private const int Digits = 40;

    public static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Digits / 2));

    /// <summary>What the file says; without a file a new id, which the file says from now on.</summary>
    /// <exception cref="InvalidDataException">The file says something else. It is not replaced, since that would make another node of this one.</exception>
    public static string Load(string path)
    {
        if (!File.Exists(path)) Save(path, NewId());
        var id = File.ReadAllText(path).Trim();
        return id.Length == Digits && id.All(char.IsAsciiHexDigitLower)
            ? id
            : throw new InvalidDataException($"{path} does not hold the id of a node: {Digits} hexadecimal digits.");
    }

    /// <summary>Writes the file; it has the old id or the new one at any time.</summary>
    public static void Save(string path, string id)
    {
        string temporaryPath = $"{path}.{Guid.NewGuid():N}.tmp";
        using (var file = new StreamWriter(new FileStream(temporaryPath, FileMode.CreateNew)))
        {
            file.Write(id + "\n");
            file.Flush();
            ((FileStream)file.BaseStream).Flush(flushToDisk: true);
        }

        File.Move(temporaryPath, path, overwrite: true);
    }
}

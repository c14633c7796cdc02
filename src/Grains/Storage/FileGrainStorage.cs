using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansKv.Grains.Storage;

/// <summary>
/// Grain states as JSON files in a directory that all silos share: one directory a state, with a file for the current version and one for the
/// version before (see <see cref="VersionedFile"/>). The ETag is the version's number. A state that was cleared is an empty version.
/// </summary>
/// <param name="name">Of the storage, for messages.</param>
/// <param name="directory">Made when it is not there.</param>
internal sealed class FileGrainStorage(string name, string directory) : IGrainStorage
{
    /// <summary>The current version, and the one before for the eye of who has to find out what happened.</summary>
    private const int KeptVersions = 2;

    /// <summary>In characters; longer names end in a hash. File systems take 255 bytes.</summary>
    private const int LongestName = 150;

    private static readonly JsonSerializerOptions Format = new() { IncludeFields = true };

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.Run(() =>
    {
        (long version, byte[] content) = FileOf(stateName, grainId).Read();
        if (content.Length == 0)
        {
            Reset(grainState);
            return;
        }

        grainState.State = JsonSerializer.Deserialize<T>(content, Format)!;
        grainState.ETag = ETagOf(version);
        grainState.RecordExists = true;
    });

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        // Here and not in another thread, where the grain's next turn could change it meanwhile.
        byte[] content = JsonSerializer.SerializeToUtf8Bytes(grainState.State, Format);
        return Task.Run(() =>
        {
            long version = Replace(stateName, grainId, grainState.ETag, content);
            grainState.ETag = ETagOf(version);
            grainState.RecordExists = true;
        });
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.Run(() =>
    {
        (long _, byte[] content) = FileOf(stateName, grainId).Read();
        if (content.Length != 0)
            Replace(stateName, grainId, grainState.ETag, []);
        Reset(grainState);
    });

    /// <summary>The new version's number.</summary>
    private long Replace(string stateName, GrainId grainId, string? eTag, byte[] content)
    {
        VersionedFile file = FileOf(stateName, grainId);
        (long version, byte[] stored) = file.Read();
        string? storedETag = stored.Length == 0 ? null : ETagOf(version);
        if (storedETag != eTag || !file.TryReplace(version, content))
        {
            throw new InconsistentStateException(
                $"Version conflict on state '{stateName}' of grain {grainId} in storage '{name}'.", storedETag ?? "", eTag ?? "");
        }

        return version + 1;
    }

    private VersionedFile FileOf(string stateName, GrainId grainId)
    {
        string escaped = Uri.EscapeDataString($"{stateName}-{grainId}");
        if (escaped.Length > LongestName)
            escaped = string.Concat(escaped.AsSpan(0, LongestName), "-", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(escaped))));
        return new(Path.Combine(directory, escaped), ".json", KeptVersions);
    }

    private static string ETagOf(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static void Reset<T>(IGrainState<T> grainState)
    {
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null!;
        grainState.RecordExists = false;
    }
}

// Stands for Orleans.Storage.IMemoryStorageGrain and MemoryStorageGrain.
using System.Globalization;
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>A state and its version; a version of null is none.</summary>
[GenerateSerializer, Immutable, Alias("local.MemoryRecord")]
internal sealed record MemoryRecord([property: Id(0)] byte[]? State, [property: Id(1)] string? ETag);

[Alias("local.IMemoryStorageGrain")]
internal interface IMemoryStorageGrain : IGrainWithStringKey
{
    [Alias("Read")]
    Task<MemoryRecord> Read(string key);

    /// <summary>Writes the state, or clears it if that is null. Returns the new version, or null with nothing done if it was another.</summary>
    [Alias("Write")]
    Task<string?> Write(string key, byte[]? state, string? eTag);
}

/// <summary>States of the grains of a cluster, for as long as the silo of this grain lives.</summary>
[KeepAlive]
internal sealed class MemoryStorageGrain : Grain, IMemoryStorageGrain
{
    private static readonly MemoryRecord None = new(null, null);

    private readonly Dictionary<string, MemoryRecord> _records = [];
    private long _lastETag;

    public Task<MemoryRecord> Read(string key) => Task.FromResult(_records.GetValueOrDefault(key, None));

    public Task<string?> Write(string key, byte[]? state, string? eTag)
    {
        if (_records.GetValueOrDefault(key, None).ETag != eTag)
            return Task.FromResult<string?>(null);
        string next = (++_lastETag).ToString(CultureInfo.InvariantCulture);
        if (state is null)
            _records.Remove(key);
        else
            _records[key] = new(state, next);
        return Task.FromResult<string?>(next);
    }
}

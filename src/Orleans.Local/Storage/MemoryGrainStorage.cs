// Stands for Orleans.Storage.MemoryGrainStorage: states that live as long as the silo, compared and set by ETag.
using System.Collections.Concurrent;
using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansKv.LocalRuntime;

internal sealed class MemoryGrainStorage(string storageName) : IGrainStorage
{
    private readonly ConcurrentDictionary<(string StateName, GrainId Grain), Record> _records = new();
    private long _lastETag;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_records.TryGetValue((stateName, grainId), out var record))
        {
            grainState.State = (T)ValueCopier.Copy(record.State)!;
            grainState.ETag = record.ETag;
            grainState.RecordExists = true;
        }
        else
        {
            Reset(grainState);
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        string eTag = Interlocked.Increment(ref _lastETag).ToString(CultureInfo.InvariantCulture);
        var written = new Record(ValueCopier.Copy(grainState.State), eTag);
        bool replaced = grainState.ETag is null
            ? _records.TryAdd(key, written)
            : _records.TryGetValue(key, out var stored) && stored.ETag == grainState.ETag && _records.TryUpdate(key, written, stored);
        if (!replaced)
            throw Mismatch(key, grainState.ETag);
        grainState.ETag = eTag;
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (stateName, grainId);
        if (_records.TryGetValue(key, out var stored))
        {
            if (stored.ETag != grainState.ETag || !_records.TryRemove(new(key, stored)))
                throw Mismatch(key, grainState.ETag);
        }

        Reset(grainState);
        return Task.CompletedTask;
    }

    private static void Reset<T>(IGrainState<T> grainState)
    {
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null!;
        grainState.RecordExists = false;
    }

    private InconsistentStateException Mismatch((string StateName, GrainId Grain) key, string? eTag)
    {
        string stored = _records.TryGetValue(key, out var record) ? record.ETag : "";
        return new($"Version conflict on state '{key.StateName}' of grain {key.Grain} in storage '{storageName}'.", stored, eTag ?? "");
    }

    /// <summary>A class, so that a swap compares identity.</summary>
    private sealed class Record(object? state, string eTag)
    {
        public object? State { get; } = state;

        public string ETag { get; } = eTag;
    }
}

// Stands for Orleans.Storage.MemoryGrainStorage: states that live as long as the cluster, compared and set by ETag.
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;

namespace OrleansKv.LocalRuntime;

/// <summary>Keeps the states in some grains of its own, so that they are there on whatever silo a grain is activated next.</summary>
internal sealed class MemoryGrainStorage(string storageName, IGrainFactory grains, Serializer serializer) : IGrainStorage
{
    private const uint GrainCount = 10;

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var record = await GrainOf(grainId).Read(KeyOf(stateName, grainId));
        if (record.State is null)
        {
            Reset(grainState);
            return;
        }

        grainState.State = serializer.Deserialize<T>(record.State);
        grainState.ETag = record.ETag!;
        grainState.RecordExists = true;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        byte[] state = serializer.SerializeToArray(grainState.State);
        grainState.ETag = await GrainOf(grainId).Write(KeyOf(stateName, grainId), state, grainState.ETag)
            ?? throw Mismatch(stateName, grainId, grainState.ETag);
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (await GrainOf(grainId).Write(KeyOf(stateName, grainId), null, grainState.ETag) is null)
            throw Mismatch(stateName, grainId, grainState.ETag);
        Reset(grainState);
    }

    private static void Reset<T>(IGrainState<T> grainState)
    {
        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null!;
        grainState.RecordExists = false;
    }

    private static string KeyOf(string stateName, GrainId grainId) => $"{stateName}/{grainId}";

    /// <summary>By a hash that is the same on every silo.</summary>
    private IMemoryStorageGrain GrainOf(GrainId grainId)
    {
        uint hash = StableHash.Mix(StableHash.Add(StableHash.Start, grainId.Key.AsSpan()));
        return grains.GetGrain<IMemoryStorageGrain>($"{storageName}/{hash % GrainCount}");
    }

    private InconsistentStateException Mismatch(string stateName, GrainId grainId, string? eTag) =>
        new($"Version conflict on state '{stateName}' of grain {grainId} in storage '{storageName}'.", "", eTag ?? "");
}

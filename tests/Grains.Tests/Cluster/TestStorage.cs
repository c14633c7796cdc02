using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>Grain storage in memory whose writes fail as often as a test asks for.</summary>
internal sealed class TestStorage : IGrainStorage
{
    private readonly Lock _gate = new();
    private readonly Dictionary<GrainId, (object State, int ETag)> _records = [];

    /// <summary>All that was written, in order.</summary>
    public ConcurrentQueue<object> Written { get; } = [];

    /// <summary>How often a writer had not read the last version.</summary>
    public int Conflicts { get; private set; }

    /// <summary>What becomes of the next writes: not done, or done without the writer hearing of it.</summary>
    public ConcurrentQueue<Failure> Failures { get; } = [];

    public enum Failure
    {
        NotWritten,
        Unknown,
        Conflict,
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_gate)
        {
            grainState.RecordExists = _records.TryGetValue(grainId, out var record);
            grainState.State = grainState.RecordExists ? (T)record.State : Activator.CreateInstance<T>();
            grainState.ETag = grainState.RecordExists ? $"{record.ETag}" : null!;
            return Task.CompletedTask;
        }
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Failure? failure = Failures.TryDequeue(out var next) ? next : null;
        if (failure == Failure.NotWritten) throw new IOException("Not written.");
        lock (_gate)
        {
            var stored = _records.TryGetValue(grainId, out var record) ? $"{record.ETag}" : null;
            if (stored != grainState.ETag) Conflicts++;
            if (failure == Failure.Conflict || stored != grainState.ETag) throw new InconsistentStateException("Another was faster.");
            _records[grainId] = (grainState.State!, record.ETag + 1);
            Written.Enqueue(grainState.State!);
            if (failure == Failure.Unknown) throw new IOException("Written, perhaps.");
            grainState.ETag = $"{record.ETag + 1}";
            grainState.RecordExists = true;
            return Task.CompletedTask;
        }
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();
}

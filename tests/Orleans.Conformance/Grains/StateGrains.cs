using System.Collections.Concurrent;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansKv.Orleans.Conformance;

[GenerateSerializer, Alias("conformance.Account")]
public sealed class Account
{
    [Id(0)]
    public int Balance { get; set; }

    [Id(1)]
    public List<string> Notes { get; set; } = [];
}

[Alias("conformance.IStateGrain")]
public interface IStateGrain : IGrainWithStringKey
{
    [Alias("Get")]
    Task<Account> Get();

    [Alias("RecordExists")]
    Task<bool> RecordExists();

    /// <summary>Changes the state and writes it, then changes it again without writing.</summary>
    [Alias("WriteThenScribble")]
    Task WriteThenScribble(int balance, string note);

    [Alias("Clear")]
    Task Clear();

    /// <summary>Writes through a second view of the same state, so that this activation's version is an old one.</summary>
    [Alias("WriteBehindItsBack")]
    Task WriteBehindItsBack(int balance);

    [Alias("Deactivate")]
    Task Deactivate();

    [Alias("WriteNamed")]
    Task WriteNamed(int balance);

    [Alias("GetNamed")]
    Task<int> GetNamed();

    [Alias("WriteRecorded")]
    Task WriteRecorded(int balance);
}

public class StateGrain(
    [PersistentState("account")] IPersistentState<Account> state,
    [PersistentState("account")] IPersistentState<Account> sameState,
    [PersistentState("other", "named")] IPersistentState<Account> named,
    [PersistentState("recorded", "recording")] IPersistentState<Account> recorded) : Grain, IStateGrain
{
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Signals.Set(this.GetPrimaryKeyString() + ".deactivated");
        return Task.CompletedTask;
    }

    public Task<Account> Get() => Task.FromResult(state.State);

    public Task<bool> RecordExists() => Task.FromResult(state.RecordExists);

    public async Task WriteThenScribble(int balance, string note)
    {
        state.State.Balance = balance;
        state.State.Notes.Add(note);
        await state.WriteStateAsync();
        state.State.Notes.Add("never written");
    }

    public Task Clear() => state.ClearStateAsync();

    public Task WriteBehindItsBack(int balance)
    {
        sameState.State.Balance = balance;
        return sameState.WriteStateAsync();
    }

    public Task Deactivate()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task WriteNamed(int balance)
    {
        named.State = new() { Balance = balance };
        return named.WriteStateAsync();
    }

    public Task<int> GetNamed() => Task.FromResult(named.State.Balance);

    public Task WriteRecorded(int balance)
    {
        recorded.State.Balance = balance;
        return recorded.WriteStateAsync();
    }
}

/// <summary>A storage of our own, as the ones in src/Grains are.</summary>
public sealed class RecordingStorage(string name) : IGrainStorage
{
    public static ConcurrentDictionary<GrainId, string> Written { get; } = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Written[grainId] = $"{name}/{stateName}/{((Account)(object)grainState.State!).Balance}";
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;
}

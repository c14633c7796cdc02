using Orleans;
using Orleans.Storage;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Grain storage: read on activation, written on request, compared and set by ETag.</summary>
public abstract class StateTests(ICluster cluster)
{
    private readonly string _key = Signals.NewKey();

    private IStateGrain Grain => cluster.Client.GetGrain<IStateGrain>(_key);

    [Fact]
    public async Task State_NeverWritten_IsNew()
    {
        Assert.False(await Grain.RecordExists());
        Assert.Equal(0, (await Grain.Get()).Balance);
    }

    [Fact]
    public async Task State_WrittenThenDeactivated_IsReadAsWritten()
    {
        await Grain.WriteThenScribble(5, "written");
        await Grain.Deactivate();
        await Signals.WaitAsync(_key + ".deactivated");

        var account = await Grain.Get();

        Assert.True(await Grain.RecordExists());
        Assert.Equal(5, account.Balance);
        Assert.Equal(["written"], account.Notes);
    }

    [Fact]
    public async Task State_Cleared_IsGone()
    {
        await Grain.WriteThenScribble(5, "written");
        await Grain.Clear();

        Assert.False(await Grain.RecordExists());
        Assert.Equal(0, (await Grain.Get()).Balance);
    }

    [Fact]
    public async Task State_WrittenOverAnotherVersion_FailsAndDeactivates()
    {
        await Grain.WriteThenScribble(5, "written");

        // The second view of the state was read before the first wrote.
        await Assert.ThrowsAnyAsync<InconsistentStateException>(() => Grain.WriteBehindItsBack(6));

        await Signals.WaitAsync(_key + ".deactivated");
        Assert.Equal(5, (await Grain.Get()).Balance);
    }

    [Fact]
    public async Task State_InANamedStorage_IsKeptApart()
    {
        await Grain.WriteNamed(7);
        await Grain.Deactivate();
        await Signals.WaitAsync(_key + ".deactivated");

        Assert.Equal(7, await Grain.GetNamed());
        Assert.Equal(0, (await Grain.Get()).Balance);
    }

    [Fact]
    public async Task State_InAStorageOfOurOwn_GoesThere()
    {
        await Grain.WriteRecorded(8);

        Assert.Equal("recording/recorded/8", RecordingStorage.Written[Grain.GetGrainId()]);
    }
}

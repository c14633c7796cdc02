using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansKv.Contracts;
using OrleansKv.Grains.Storage;

namespace OrleansKv.Grains.Tests.Storage;

public sealed class FileGrainStorageTests : IDisposable
{
    private static readonly GrainId Grain = GrainId.Create("grain", "key/with:odd characters");

    private readonly TemporaryDirectory _directory = new();
    private readonly FileGrainStorage _storage;

    public FileGrainStorageTests() => _storage = Open();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task ReadState_NeverWritten_IsNew()
    {
        var state = new GrainState<Account>(new Account { Balance = 3 });

        await _storage.ReadStateAsync("account", Grain, state);

        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        Assert.Equal(0, state.State!.Balance);
    }

    [Fact]
    public async Task WriteState_IsReadByAnotherProcess()
    {
        var written = new GrainState<Account>(new Account { Balance = 5, Notes = ["a", "ü"], Bytes = [0, 255], Map = SlotMap.Empty });
        await _storage.WriteStateAsync("account", Grain, written);

        GrainState<Account> read = await ReadAsync(Open());

        Assert.True(written.RecordExists);
        Assert.True(read.RecordExists);
        Assert.Equal(written.ETag, read.ETag);
        Assert.Equal((5, "a ü", "0 255"), (read.State!.Balance, string.Join(' ', read.State!.Notes), string.Join(' ', read.State!.Bytes)));
        Assert.Equal(SlotMap.Empty.Ranges, read.State!.Map!.Ranges);
    }

    [Fact]
    public async Task WriteState_OverAnotherVersion_ThrowsAndChangesNothing()
    {
        GrainState<Account> first = await ReadAsync(_storage), second = await ReadAsync(Open());
        first.State!.Balance = 1;
        await _storage.WriteStateAsync("account", Grain, first);
        second.State!.Balance = 2;

        var error = await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("account", Grain, second));

        Assert.Equal(first.ETag, error.StoredEtag);
        Assert.Equal(1, (await ReadAsync(_storage)).State!.Balance);
    }

    [Fact]
    public async Task WriteState_AgainAndAgain_NamesTheNextVersionEachTime()
    {
        GrainState<Account> state = await ReadAsync(_storage);
        var eTags = new List<string>();
        for (int i = 0; i < 5; i++)
        {
            state.State!.Balance = i;
            await _storage.WriteStateAsync("account", Grain, state);
            eTags.Add(state.ETag!);
        }

        Assert.Equal(5, eTags.Distinct().Count());
        Assert.Equal(4, (await ReadAsync(_storage)).State!.Balance);
    }

    [Fact]
    public async Task ClearState_MakesItNewAndFencesWhoHadReadIt()
    {
        GrainState<Account> state = await ReadAsync(_storage);
        await _storage.WriteStateAsync("account", Grain, state);
        GrainState<Account> stale = await ReadAsync(_storage);

        await _storage.ClearStateAsync("account", Grain, state);

        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        Assert.False((await ReadAsync(_storage)).RecordExists);
        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.WriteStateAsync("account", Grain, stale));
        await _storage.WriteStateAsync("account", Grain, state);
        Assert.True((await ReadAsync(_storage)).RecordExists);
    }

    [Fact]
    public async Task ClearState_OverAnotherVersion_Throws()
    {
        GrainState<Account> state = await ReadAsync(_storage);
        await _storage.WriteStateAsync("account", Grain, state);
        GrainState<Account> stale = await ReadAsync(_storage);
        await _storage.WriteStateAsync("account", Grain, state);

        await Assert.ThrowsAsync<InconsistentStateException>(() => _storage.ClearStateAsync("account", Grain, stale));
    }

    [Fact]
    public async Task States_OfOtherNamesAndGrains_AreKeptApart()
    {
        GrainId longer = GrainId.Create("grain", new string('k', 500));
        foreach ((string name, GrainId grain, int balance) in new[] { ("a", Grain, 1), ("b", Grain, 2), ("a", longer, 3) })
            await _storage.WriteStateAsync(name, grain, new GrainState<Account>(new Account { Balance = balance }));

        var read = new GrainState<Account>();
        await _storage.ReadStateAsync("a", longer, read);
        Assert.Equal(3, read.State!.Balance);
        await _storage.ReadStateAsync("b", Grain, read);
        Assert.Equal(2, read.State!.Balance);
    }

    [Fact]
    public async Task WriteState_ByTwoActivationsAtOnce_SucceedsForOne()
    {
        for (int round = 0; round < 50; round++)
        {
            GrainState<Account>[] views = [await ReadAsync(_storage), await ReadAsync(_storage), await ReadAsync(_storage)];
            bool[] succeeded = await Task.WhenAll(views.Select(view => Task.Run(() => TryWriteAsync(Open(), view))));
            Assert.Single(succeeded, hasSucceeded => hasSucceeded);
        }
    }

    private static async Task<bool> TryWriteAsync(FileGrainStorage storage, GrainState<Account> state)
    {
        try
        {
            await storage.WriteStateAsync("account", Grain, state);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    private static async Task<GrainState<Account>> ReadAsync(FileGrainStorage storage)
    {
        var state = new GrainState<Account>();
        await storage.ReadStateAsync("account", Grain, state);
        return state;
    }

    private FileGrainStorage Open() => new("files", Path.Combine(_directory.Path, "states"));

    public sealed class Account
    {
        public int Balance { get; set; }

        public List<string> Notes { get; set; } = [];

        public byte[] Bytes { get; set; } = [];

        public SlotMap? Map { get; set; }
    }
}

using Orleans;
using Orleans.Storage;
using OrleansKv.LocalRuntime;

namespace OrleansKv.Orleans.Conformance;

/// <summary>The mischief of our own runtime: that it does what Orleans may do, and nothing that Orleans may not.</summary>
public sealed class MischiefTests
{
    private const int Calls = 300;

    private readonly string _key = Signals.NewKey();

    [Fact]
    public async Task Reorder_LetsLaterCallsOvertake()
    {
        await using var cluster = await MischievousCluster.StartAsync(options => options.Reorder = 0.5);
        var grain = cluster.Client.GetGrain<IOrderGrain>(_key);

        await Task.WhenAll(Enumerable.Range(0, Calls).Select(grain.Arrive));

        var arrivals = await grain.GetArrivals();
        Assert.Equal(Enumerable.Range(0, Calls), arrivals.Order());
        Assert.NotEqual(Enumerable.Range(0, Calls), arrivals);
    }

    [Fact]
    public async Task LostReply_TimesOutACallThatRan()
    {
        await using var cluster = await MischievousCluster.StartAsync(options => options.LostReply = 0.3);
        var grain = cluster.Client.GetGrain<IOrderGrain>(_key);

        int lost = 0;
        for (int i = 0; i < Calls; i++)
            lost += await Succeeds(grain.Arrive(i)) ? 0 : 1;

        Assert.InRange(lost, 1, Calls - 1);
        int[] arrivals = [];
        while (!await Succeeds(Read()))
        {
        }

        Assert.Equal(Enumerable.Range(0, Calls), arrivals);

        async Task Read() => arrivals = await grain.GetArrivals();
    }

    [Fact]
    public async Task SecondActivation_TakesSomeCalls()
    {
        await using var cluster = await MischievousCluster.StartAsync(options => options.SecondActivation = 0.1);
        var grain = cluster.Client.GetGrain<ILifeGrain>(_key, typeof(LifeGrain).FullName);

        var activations = new HashSet<int>();
        for (int i = 0; i < Calls; i++)
            activations.Add(await grain.GetActivation());

        Assert.InRange(activations.Count, 2, Calls / 2);
    }

    [Fact]
    public async Task Deactivation_AtRandomLosesNoCall()
    {
        await using var cluster = await MischievousCluster.StartAsync(options => options.Deactivation = 0.1);
        var grain = cluster.Client.GetGrain<ILifeGrain>(_key, typeof(LifeGrain).FullName);

        var activations = await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => grain.GetActivation()));

        Assert.InRange(activations.Distinct().Count(), 2, Calls / 2);
    }

    [Fact]
    public async Task AllOfIt_DoesNotLoseWrittenState()
    {
        await using var cluster = await MischievousCluster.StartAsync(options =>
        {
            options.Reorder = 0.2;
            options.LostReply = 0.05;
            options.SecondActivation = 0.02;
            options.Deactivation = 0.05;
        });
        var grain = cluster.Client.GetGrain<IStateGrain>(_key);

        // Acknowledged writes only grow the balance; a twin's stale write must fail, never win.
        int acknowledged = 0;
        for (int i = 1; i <= Calls; i++)
        {
            if (await Succeeds(grain.WriteThenScribble(i, "note")))
                acknowledged = i;
        }

        // A twin may answer with what it read before; the latest answer of many is the grain's own.
        int balance = 0;
        for (int i = 0; i < Calls; i++)
            await Succeeds(Read());

        Assert.InRange(balance, acknowledged, Calls);

        async Task Read() => balance = Math.Max(balance, (await grain.Get()).Balance);
    }

    private static async Task<bool> Succeeds(Task call)
    {
        try
        {
            await call;
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or InconsistentStateException)
        {
            return false;
        }
    }

    private sealed class MischievousCluster(Action<MischiefOptions> mischief) : HostCluster(silo => silo.AddMischief(mischief))
    {
        public static async Task<MischievousCluster> StartAsync(Action<MischiefOptions> mischief)
        {
            var cluster = new MischievousCluster(mischief);
            await cluster.InitializeAsync();
            return cluster;
        }
    }
}

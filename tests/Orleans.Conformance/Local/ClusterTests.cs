using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Runtime;
using OrleansKv.LocalRuntime;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Several silos: where grains are, and what becomes of calls when silos come, go, and lose their connections.</summary>
public sealed class ClusterTests : IAsyncLifetime
{
    private const int Grains = 200;

    private readonly string _key = Signals.NewKey();
    private readonly List<SiloCluster> _clusters = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var cluster in _clusters)
            await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Grains_CalledFromEverywhereAtOnce_HaveOneActivationEach()
    {
        var cluster = await StartAsync(3);
        var clients = cluster.Silos.Select(silo => silo.Client).Append(cluster.Client).ToArray();

        var places = await Task.WhenAll(Enumerable.Range(0, Grains).Select(i =>
            Task.WhenAll(clients.Select(client => client.GetGrain<IWhereGrain>($"{_key} {i}", typeof(WhereGrain).FullName).Where()))));

        Assert.All(places, answers => Assert.Single(answers.Distinct()));
        Assert.Equal(3, places.Select(answers => answers[0].Split(' ')[0]).Distinct().Count());
    }

    [Fact]
    public async Task Silo_ThatJoins_TakesItsPartOfTheDirectoryAndOfNewGrains()
    {
        var cluster = await StartAsync(2);
        var before = await PlacesAsync(cluster, cluster.Client, "old");

        var joined = await cluster.AddSiloAsync();

        Assert.Equal(before, await PlacesAsync(cluster, joined.Client, "old"));
        Assert.Contains(await PlacesAsync(cluster, cluster.Client, "new"), place => IsOn(place, joined));
    }

    [Fact]
    public async Task Silo_ThatStops_LeavesItsGrainsToTheOthersAndFailsNoCall()
    {
        var cluster = await StartAsync(3);
        var before = await PlacesAsync(cluster, cluster.Silos[0].Client, "grain");
        var leaver = cluster.Silos[2];
        using var stop = new CancellationTokenSource();
        var load = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                await PlacesAsync(cluster, cluster.Silos[0].Client, "grain");
        });

        await cluster.StopSiloAsync(leaver);

        await stop.CancelAsync();
        await load;
        var after = await PlacesAsync(cluster, cluster.Silos[1].Client, "grain");
        Assert.DoesNotContain(after, place => IsOn(place, leaver));
        for (int i = 0; i < Grains; i++)
        {
            if (!IsOn(before[i], leaver))
                Assert.Equal(before[i], after[i]);
        }
    }

    [Fact]
    public async Task Silo_DeclaredDead_LosesItsRegistrationsAndTheOthersKeepTheirs()
    {
        var cluster = await StartAsync(3);
        var client = cluster.Silos[0].Client;
        var before = await PlacesAsync(cluster, client, "grain");
        var dead = cluster.Silos[2];
        Network(dead).Stop();

        cluster.Membership.Set(dead.Address, SiloStatus.Dead);

        await SettleAsync(cluster);
        var after = await PlacesAsync(cluster, client, "grain");
        var others = await PlacesAsync(cluster, cluster.Silos[1].Client, "grain");
        Assert.Equal(after, others);
        Assert.DoesNotContain(after, place => IsOn(place, dead));
        for (int i = 0; i < Grains; i++)
        {
            if (!IsOn(before[i], dead))
                Assert.Equal(before[i], after[i]);
        }
    }

    [Fact]
    public async Task Connection_ResetDuringACall_FailsItAtOnceAndNothingRunsTwice()
    {
        var cluster = await StartAsync(2);
        var grain = Addressed(cluster.Silos[0].Client, cluster.Silos[1]);
        var held = grain.Hold(_key);
        await Signals.WaitAsync(_key + ".held");

        Network(cluster.Silos[1]).Links.Close(cluster.Silos[0].Address);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => held.WaitAsync(TimeSpan.FromSeconds(5)));
        Signals.Set(_key + ".release");
        await Signals.WaitAsync(_key + ".done");
        Assert.Contains(cluster.Silos[1].Address.ToParsableString(), await grain.Where(), StringComparison.Ordinal);
        Assert.Equal(1, WhereGrain.Runs[_key]);
    }

    [Fact]
    public async Task Call_OfAnIncarnationThatIsNoMore_FailsAtOnce()
    {
        var cluster = await StartAsync(2);
        var address = cluster.Silos[1].Address;
        var earlier = SiloAddress.New(address.Endpoint, address.Generation - 1);
        var client = cluster.Silos[0].Client;

        await Assert.ThrowsAsync<SiloUnavailableException>(
            () => client.GetGrain<IAddressedGrain>($"{earlier.ToParsableString()} {_key}").Where());

        // One that the membership still believes in is found out by the handshake.
        cluster.Membership.Set(earlier, SiloStatus.Active);
        await SettleAsync(cluster);
        var link = new MembershipLink(Network(cluster.Silos[0]));
        var exception = await Assert.ThrowsAsync<SiloUnavailableException>(() => link.ProbeAsync(earlier, CancellationToken.None));
        Assert.Contains(address.ToString(), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_OfASiloThatIsNotThere_FailsWithWhatFailed()
    {
        var cluster = await StartAsync(1);
        var gone = SiloAddress.New(IPAddress.Loopback, Ports.Next(), 1);
        var link = new MembershipLink(Network(cluster.Silos[0]));

        var exception = await Assert.ThrowsAsync<SiloUnavailableException>(() => link.ProbeAsync(gone, CancellationToken.None));

        Assert.IsType<System.Net.Sockets.SocketException>(exception.InnerException);
    }

    [Fact]
    public async Task Observers_OfEverySiloAndClient_HearWhatIsPublishedOnAnother()
    {
        var cluster = await StartAsync(3);
        var outside = await cluster.StartClientAsync(cluster.Silos[0].Gateway);
        IClusterClient[] clients = [.. cluster.Silos.Select(silo => silo.Client), outside.Services.GetRequiredService<IClusterClient>()];
        var listeners = clients.Select((_, i) => new Listener($"{_key}.{i}")).ToArray();
        for (int i = 0; i < clients.Length; i++)
        {
            var reference = clients[i].CreateObjectReference<INewsObserver>(listeners[i]);
            foreach (int grain in Enumerable.Range(0, 8))
                await clients[i].GetGrain<INewsGrain>($"{_key} {grain}").Subscribe(reference);
        }

        foreach (int grain in Enumerable.Range(0, 8))
            await clients[0].GetGrain<INewsGrain>($"{_key} {grain}").Publish($"{grain}");

        foreach (var listener in listeners)
        {
            foreach (int grain in Enumerable.Range(0, 8))
                await Signals.WaitAsync($"{listener.Name}.{grain}");
        }

        await outside.StopAsync();
        outside.Dispose();
    }

    private async Task<SiloCluster> StartAsync(int silos)
    {
        var cluster = await SiloCluster.StartAsync(silos);
        _clusters.Add(cluster);
        return cluster;
    }

    private static SiloNetwork Network(MemberCluster silo) => silo.SiloHost.Services.GetRequiredService<SiloNetwork>();

    private static bool IsOn(string place, MemberCluster silo) => place.StartsWith(silo.Address.ToParsableString(), StringComparison.Ordinal);

    /// <summary>Until every silo that lives has seen the membership.</summary>
    private static async Task SettleAsync(SiloCluster cluster)
    {
        foreach (var silo in cluster.Silos)
        {
            if (silo.SiloHost.Services.GetRequiredService<LocalRuntime.LocalRuntime>().Cluster is { } member)
                await member.Views.WaitForAsync(cluster.Membership.Snapshot.Version.Value, TimeSpan.FromSeconds(5));
        }
    }

    private IWhereGrain Addressed(IClusterClient client, MemberCluster silo) =>
        client.GetGrain<IAddressedGrain>($"{silo.Address.ToParsableString()} {_key}");

    private async Task<string[]> PlacesAsync(SiloCluster cluster, IClusterClient client, string name)
    {
        Assert.NotEmpty(cluster.Silos);
        return await Task.WhenAll(Enumerable.Range(0, Grains).Select(i =>
            client.GetGrain<IWhereGrain>($"{_key} {name} {i}", typeof(WhereGrain).FullName).Where()));
    }

    private sealed class Listener(string name) : INewsObserver
    {
        public string Name => name;

        public void Heard(string news) => Signals.Set($"{name}.{news}");
    }
}

using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Journaling;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Replication;
using OrleansKv.Grains.Cluster;
using OrleansKv.Grains.Membership;
using OrleansKv.Grains.Replication;
using OrleansKv.Grains.Tests.Cluster;

namespace OrleansKv.Grains.Tests.Replication;

/// <summary>Silos of one cluster in this process, over sockets and with a membership in files, whose slots have copies on each other.</summary>
internal sealed class ReplicatedCluster(int initialSilos, Action<SlotMapOptions>? configure = null, Action<ISiloBuilder>? build = null) : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly string _directory = Directory.CreateTempSubdirectory("orleanskv-replication").FullName;

    /// <summary>What the map is in, over all silos.</summary>
    public TestStorage Storage { get; } = new();

    public List<Node> Nodes { get; } = [];

    public DeathNotices Deaths { get; } = new();

    public static async Task<ReplicatedCluster> StartAsync(int silos, Action<SlotMapOptions>? configure = null, Action<ISiloBuilder>? build = null)
    {
        var cluster = new ReplicatedCluster(silos, configure, build);
        await Task.WhenAll(Enumerable.Range(0, silos).Select(_ => cluster.AddAsync()));
        cluster.WaitFor(cluster.IsWhole);
        return cluster;
    }

    public async Task<Node> AddAsync()
    {
        var node = new Node(Build());
        lock (Nodes) Nodes.Add(node);
        await node.Host.StartAsync();
        return node;
    }

    /// <summary>Every slot is served by its owner, and has all the copies that there should be, in sync.</summary>
    public bool IsWhole() => Nodes.All(node =>
        node.Map.Version == Nodes[0].Map.Version
        && node.Map.Ranges.All(range => range.Owner != null && node.Map.Find(range.Owner) is { Replicas.Length: > 0 } owner
            && owner.Replicas.All(replica => owner.HoldsCopy(replica, range.Epoch)))
        && node.Store.Slots.ToArray().Count(slot => slot.IsOwned) == node.OwnSlots.Count);

    /// <summary>Besides, every silo has its share, and no slot is on its way.</summary>
    public bool IsBalanced() => IsWhole() && MovePlan.Of(Nodes[0].Map).Count == 0 && Nodes.TrueForAll(node => node.OwnSlots.Count > 0);

    public void WaitFor(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Limit), string.Join('\n', Nodes.Select(Describe)));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            await node.Host.StopAsync();
            node.Host.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private static string Describe(Node node) =>
        $"{node.Self}: serves {node.Store.Slots.ToArray().Count(slot => slot.IsOwned)}, barrier {node.Driver.Barrier.Committed} of {node.Store.Journal!.LastLsn}, "
        + $"lease {node.Driver.Barrier.LeaseUntilMs - node.Driver.NowMs}\n{MapTranscript.Show(node.Map)}";

    private IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo =>
        {
            silo.Services.AddKeyedSingleton<IGrainStorage>(SlotMapOptions.StorageName, Storage);
            silo.UseFileClustering(_directory).AddOrleansKv()
                .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("replicated", "replicated"))
                .Configure<EndpointOptions>(options =>
                    (options.AdvertisedIPAddress, options.SiloPort, options.GatewayPort) = (IPAddress.Loopback, KvHost.FreePort(), 0));
            silo.AddOrleansKvSlotMap(options =>
            {
                options.InitialSilos = initialSilos;
                configure?.Invoke(options);
            });
            Surround(silo.Services);
            build?.Invoke(silo);
        });
        return builder.Build();
    }

    /// <summary>Puts the notices of death before the runtime's membership, for all but the runtime.</summary>
    private void Surround(IServiceCollection services)
    {
        var inner = services.Last(service => service.ServiceType == typeof(IClusterMembershipService));
        services.AddSingleton<IClusterMembershipService>(provider => Deaths.Around((IClusterMembershipService)inner.ImplementationFactory!(provider)));
    }
}

/// <summary>A silo of the cluster.</summary>
internal sealed class Node(IHost host)
{
    public IHost Host => host;

    public string Self { get; } = host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString();

    public Store Store { get; } = host.Services.GetRequiredService<Store>();

    public ReplicationDriver Driver { get; } = host.Services.GetRequiredService<ReplicationDriver>();

    public SlotMap Map => host.Services.GetRequiredService<SlotMapSource>().Current;

    public ISlotMapGrain MapGrain => host.Services.GetRequiredService<IGrainFactory>().GetGrain<ISlotMapGrain>(0);

    /// <summary>The slots that the map gives to this silo.</summary>
    public List<int> OwnSlots => [.. Map.RangesOf(Self).SelectMany(range => Enumerable.Range(range.First, range.Count))];

    /// <summary>Runs commands as other silos send them; gives the replies.</summary>
    public async Task<string> RunAsync(params string[][] commands)
    {
        var grain = host.Services.GetRequiredService<IGrainFactory>().GetGrain<ISiloGrain>(Self);
        var text = string.Concat(commands.Select(words => $"*{words.Length}\r\n" + string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"))));
        return Encoding.Latin1.GetString((await grain.ExecuteAsync(new(Encoding.Latin1.GetBytes(text)), 0)).Bytes);
    }

    /// <summary>Keys in slots of this silo, as many as are asked for.</summary>
    public string[] Keys(string prefix, int count)
    {
        var slots = OwnSlots.ToHashSet();
        return [.. Enumerable.Range(0, int.MaxValue).Select(i => $"{prefix}{i}").Where(key => slots.Contains(SlotHash.Of(Encoding.Latin1.GetBytes(key)))).Take(count)];
    }

    /// <summary>What is in the slots, on this silo.</summary>
    public string DigestOf(IEnumerable<int> slots)
    {
        var digest = new byte[SlotDigest.Bytes];
        foreach (var number in slots)
        {
            var slot = Store.Slots[number];
            slot.Lock.Enter();
            SlotDigest.Xor(slot, digest);
            slot.Lock.Exit();
        }

        return Convert.ToHexStringLower(digest);
    }

    /// <summary>Done when everything that was written so far is committed; false where the silo was declared dead before.</summary>
    public Task<bool> CommitAsync()
    {
        var waiter = new Waiter();
        if (Driver.Barrier.PassOrWait(Store.Journal!.LastLsn, Driver.NowMs, waiter)) waiter.OnCommitted();
        return waiter.Task;
    }

    private sealed class Waiter() : TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously), ICommitWaiter
    {
        public void OnCommitted() => SetResult(true);

        public void OnLost() => SetResult(false);
    }
}

using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansKv.LocalRuntime;

namespace OrleansKv.Orleans.Conformance;

/// <summary>A silo of a cluster of several in this process.</summary>
public sealed class MemberCluster : HostCluster
{
    public MemberCluster(TestMembership membership, Action<ISiloBuilder>? configure = null)
        : base(silo =>
        {
            silo.Services.AddSingleton(services =>
                new RuntimeMembership(membership.ServiceOf(services.GetRequiredService<ILocalSiloDetails>())));
            silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(
                services => (ILifecycleParticipant<ISiloLifecycle>)services.GetRequiredService<RuntimeMembership>().Service!);
            configure?.Invoke(silo);
        })
    {
        var details = SiloHost.Services.GetRequiredService<ILocalSiloDetails>();
        Address = details.SiloAddress;
        Gateway = details.GatewayAddress.Endpoint;
    }

    public SiloAddress Address { get; }

    public IPEndPoint Gateway { get; }
}

/// <summary>Silos of one cluster, and a client of all of them that is connected by sockets.</summary>
public class SiloCluster : ICluster, IAsyncLifetime
{
    private readonly List<MemberCluster> _silos = [];
    private readonly Action<ISiloBuilder>? _configure;
    private readonly Action<IClientBuilder>? _configureClient;
    private readonly int _initialSilos;
    private IHost? _client;

    public SiloCluster(int initialSilos, Action<ISiloBuilder>? configure = null, Action<IClientBuilder>? configureClient = null)
    {
        _initialSilos = initialSilos;
        _configure = configure;
        _configureClient = configureClient;
    }

    public TestMembership Membership { get; } = new();

    public IReadOnlyList<MemberCluster> Silos => _silos;

    public IClusterClient Client => _client!.Services.GetRequiredService<IClusterClient>();

    public static async Task<SiloCluster> StartAsync(
        int silos, Action<ISiloBuilder>? configure = null, Action<IClientBuilder>? configureClient = null)
    {
        var cluster = new SiloCluster(silos, configure, configureClient);
        await cluster.InitializeAsync();
        return cluster;
    }

    public async Task InitializeAsync()
    {
        for (int i = 0; i < _initialSilos; i++)
            await AddSiloAsync();
        _client = await StartClientAsync([.. _silos.Select(silo => silo.Gateway)]);
    }

    public async Task<MemberCluster> AddSiloAsync()
    {
        var silo = new MemberCluster(Membership, _configure);
        await silo.InitializeAsync();
        _silos.Add(silo);
        return silo;
    }

    public async Task StopSiloAsync(MemberCluster silo)
    {
        _silos.Remove(silo);
        await silo.DisposeAsync();
    }

    public async Task<IHost> StartClientAsync(params IPEndPoint[] gateways)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(gateways).AlwaysUseSockets();
            client.Configure<global::Orleans.Configuration.ClusterOptions>(options =>
                options.ClusterId = options.ServiceId = HostCluster.ClusterId);
            _configureClient?.Invoke(client);
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public async Task DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.StopAsync();
            _client.Dispose();
        }

        foreach (var silo in _silos.ToArray())
            await StopSiloAsync(silo);
    }
}

public sealed class SocketCluster() : SiloCluster(1);

public sealed class PairCluster() : SiloCluster(2);

[CollectionDefinition(Name)]
public sealed class OnSocket : ICollectionFixture<SocketCluster>
{
    public const string Name = "socket";
}

[CollectionDefinition(Name)]
public sealed class OnPair : ICollectionFixture<PairCluster>
{
    public const string Name = "pair";
}

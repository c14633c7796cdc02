using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;

namespace OrleansKv.Orleans.Conformance;

/// <summary>A silo in a host of its own, called through the client that the silo itself has.</summary>
public class HostCluster : ICluster, IAsyncLifetime
{
    public const string ClusterId = "conformance";

    public HostCluster()
        : this(_ => { })
    {
    }

    protected HostCluster(Action<ISiloBuilder> configure)
    {
        (SiloPort, GatewayPort) = (Ports.Next(), Ports.Next());
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(SiloPort, GatewayPort, serviceId: ClusterId, clusterId: ClusterId);
            SiloSetup.Configure(silo);
            configure(silo);
        });
        SiloHost = builder.Build();
    }

    public IHost SiloHost { get; }

    public virtual IClusterClient Client => SiloHost.Services.GetRequiredService<IClusterClient>();

    protected int SiloPort { get; }

    protected int GatewayPort { get; }

    public virtual Task InitializeAsync() => SiloHost.StartAsync();

    public virtual async Task DisposeAsync()
    {
        await SiloHost.StopAsync();
        SiloHost.Dispose();
    }
}

/// <summary>A silo in one host, called through a client in another host of the same process.</summary>
public sealed class ClientCluster : HostCluster
{
    private readonly IHost _clientHost;

    public ClientCluster()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.UseOrleansClient(client => client.UseLocalhostClustering(GatewayPort, serviceId: ClusterId, clusterId: ClusterId));
        _clientHost = builder.Build();
    }

    public override IClusterClient Client => _clientHost.Services.GetRequiredService<IClusterClient>();

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await _clientHost.StartAsync();
    }

    public override async Task DisposeAsync()
    {
        await _clientHost.StopAsync();
        _clientHost.Dispose();
        await base.DisposeAsync();
    }
}

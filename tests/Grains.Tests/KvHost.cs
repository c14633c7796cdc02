using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Hosting;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Tests;

/// <summary>A cluster with the store in it, and a client of it.</summary>
public interface IKvCluster
{
    IClusterClient Client { get; }

    IKvClient Kv { get; }
}

/// <summary>A silo in one host and a client in another, as an application embeds them.</summary>
public class KvHost : IKvCluster, IAsyncLifetime
{
    private const string ClusterId = "grains-tests";

    private readonly IHost _silo;
    private readonly IHost _client;

    public KvHost()
        : this(_ => { })
    {
    }

    protected KvHost(Action<ISiloBuilder> configure)
    {
        var (siloPort, gatewayPort) = (FreePort(), FreePort());
        var silo = Host.CreateEmptyApplicationBuilder(new());
        silo.UseOrleans(builder =>
        {
            builder.UseLocalhostClustering(siloPort, gatewayPort, serviceId: ClusterId, clusterId: ClusterId).AddOrleansKv();
            configure(builder);
        });
        _silo = silo.Build();
        var client = Host.CreateEmptyApplicationBuilder(new());
        client.UseOrleansClient(builder => builder
            .UseLocalhostClustering(gatewayPort, serviceId: ClusterId, clusterId: ClusterId)
            .AddOrleansKvClient());
        _client = client.Build();
    }

    public IServiceProvider SiloServices => _silo.Services;

    public IClusterClient Client => _client.Services.GetRequiredService<IClusterClient>();

    public IKvClient Kv => _client.Services.GetRequiredService<IKvClient>();

    public async Task InitializeAsync()
    {
        await _silo.StartAsync();
        await _client.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _client.StopAsync();
        await _silo.StopAsync();
        _client.Dispose();
        _silo.Dispose();
    }

    internal static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using OrleansKv.Contracts;

namespace OrleansKv.Samples.NetClient;

/// <summary>
/// A .NET program that uses the store without RESP: it calls the grains of the slots, through any silo that has a cluster-client-port.
/// </summary>
/// <example>
/// <code>
/// orleanskv --port 7000 --cluster-directory /tmp/kv --cluster-client-port 30000 &amp;
/// dotnet run --project samples/NetClient -- 127.0.0.1:30000
/// </code>
/// </example>
public static class Program
{
    public static Task Main(string[] args) => RunAsync(args.Length == 0 ? ["127.0.0.1:30000"] : args, Console.Out);

    /// <summary>Connects to silos at these addresses, and shows what there is to call.</summary>
    public static async Task RunAsync(IReadOnlyList<string> addresses, TextWriter output)
    {
        using var host = Connect([.. addresses.Select(IPEndPoint.Parse)]);
        await host.StartAsync();
        var kv = host.Services.GetRequiredService<IKvClient>();

        await kv.SetAsync("greeting", "hello");
        await output.WriteLineAsync($"greeting: {new KvBytes(await kv.GetAsync("greeting") ?? [])}");

        await kv.SetAsync("session", "1234", timeToLive: TimeSpan.FromMinutes(30));
        await output.WriteLineAsync($"session ends in {await kv.ExecuteAsync("session", ["TTL", "session"])} s");
        await output.WriteLineAsync($"extended: {await kv.ExpireAsync("session", TimeSpan.FromHours(1))}");

        // Any command, as long as its keys are of one slot: {cart} is what is hashed.
        await kv.ExecuteAsync("{cart}:7", ["RPUSH", "{cart}:7", "apples", "pears"]);
        await kv.ExecuteAsync("{cart}:7", ["RENAME", "{cart}:7", "{cart}:8"]);
        var items = (object?[]?)await kv.ExecuteAsync("{cart}:8", ["LRANGE", "{cart}:8", "0", "-1"]) ?? [];
        await output.WriteLineAsync($"cart: {string.Join(", ", items.Select(item => new KvBytes((byte[])item!)))}");

        // An error reply is an exception.
        try
        {
            await kv.ExecuteAsync("greeting", ["LPOP", "greeting"]);
        }
        catch (KvException error)
        {
            await output.WriteLineAsync($"LPOP: {error.Message}");
        }

        foreach (var key in new[] { "greeting", "session", "{cart}:8" })
            await output.WriteLineAsync($"deleted {key}: {await kv.DeleteAsync(key)}");
        await host.StopAsync();
    }

    private static IHost Connect(IPEndPoint[] silos)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.UseOrleansClient(client => client
            .UseStaticClustering(silos)
            .Configure<ClusterOptions>(options => options.ClusterId = options.ServiceId = "default")
            .AddOrleansKvClient());
        return builder.Build();
    }
}

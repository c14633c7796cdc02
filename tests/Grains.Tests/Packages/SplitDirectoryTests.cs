using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orleans.GrainDirectory;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using OrleansKv.Contracts;
using OrleansKv.Grains.Cluster;
using OrleansKv.Grains.Tests.Replication;

namespace OrleansKv.Grains.Tests.Packages;

/// <summary>
/// Orleans promises one activation of a grain only while the cluster is in order. Here every silo has a grain directory of its own, so that each
/// has its own activation of every grain, the slot map's too, and calls that one: the worst that a directory can do.
/// </summary>
public sealed class SplitDirectoryTests
{
    private static IEnumerable<string> Keys => Enumerable.Range(0, 100).Select(i => $"k{i}");

    [Fact]
    public async Task SlotMap_WithAnActivationOnEverySilo_HasOneHistory()
    {
        var directories = new ConcurrentBag<LoneDirectory>();
        await using var cluster = await ReplicatedCluster.StartAsync(3, build: silo =>
        {
            silo.Services.AddSingleton<PlacementStrategy, PreferLocalPlacement>();
            silo.AddGrainDirectory(GrainDirectoryAttribute.DEFAULT_GRAIN_DIRECTORY, (_, _) =>
            {
                var directory = new LoneDirectory();
                directories.Add(directory);
                return directory;
            });
        });
        await FillAsync(cluster);

        // A silo joins, and another is declared dead, of which all activations hear at the same time.
        await cluster.AddAsync();
        cluster.WaitFor(cluster.IsBalanced);
        var dead = cluster.Nodes[0];
        cluster.Deaths.Declare(dead.Self);
        cluster.Nodes.Remove(dead);
        cluster.WaitFor(() => cluster.IsBalanced() && cluster.Nodes.TrueForAll(node => node.Map.Members.Length == 3));

        SlotMap[] history = [.. cluster.Storage.Written.Select(state => ((SlotMapState)state).Map!)];
        Assert.True(directories.Count(directory => directory.HasHad("slotmap/0")) >= 3, "there was one activation");
        Assert.Equal(Enumerable.Range(1, history.Length).Select(version => (long)version), history.Select(map => map.Version));
        Assert.True(cluster.Storage.Conflicts > 0, "no two activations met");
        Assert.All(history, map => Assert.Equal(history[0].HashSeed, map.HashSeed));
        foreach (var key in Keys) Assert.Contains($"${key.Length}\r\n{key}\r\n", await Task.WhenAll(cluster.Nodes.Select(node => node.RunAsync(["GET", key]))));
        await dead.Host.StopAsync();
        dead.Host.Dispose();
    }

    private static async Task FillAsync(ReplicatedCluster cluster)
    {
        foreach (var key in Keys)
        {
            var slot = SlotHash.Of(Encoding.Latin1.GetBytes(key));
            var owner = cluster.Nodes.Find(node => node.Map.RangeOf(slot).Owner == node.Self)!;
            Assert.Equal("+OK\r\n", await owner.RunAsync(["SET", key, key]));
        }
    }

    /// <summary>A directory that knows of the activations of one silo, and of those that this silo has called.</summary>
    private sealed class LoneDirectory : IGrainDirectory
    {
        private readonly ConcurrentDictionary<GrainId, GrainAddress> _activations = [];

        private readonly ConcurrentDictionary<string, bool> _registered = [];

        public bool HasHad(string grain) => _registered.ContainsKey(grain);

        public Task<GrainAddress?> Register(GrainAddress address)
        {
            _registered[address.GrainId.ToString()] = true;
            return Task.FromResult<GrainAddress?>(_activations.GetOrAdd(address.GrainId, address));
        }

        public Task Unregister(GrainAddress address)
        {
            if (_activations.TryGetValue(address.GrainId, out var known) && known.Matches(address)) _activations.TryRemove(new(address.GrainId, known));
            return Task.CompletedTask;
        }

        public Task<GrainAddress?> Lookup(GrainId grainId) => Task.FromResult(_activations.GetValueOrDefault(grainId));

        public Task UnregisterSilos(List<SiloAddress> siloAddresses)
        {
            foreach (var (grain, address) in _activations)
                if (siloAddresses.Contains(address.SiloAddress!)) _activations.TryRemove(grain, out _);
            return Task.CompletedTask;
        }
    }
}

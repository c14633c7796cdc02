using System.Collections.Concurrent;
using OrleansKv.Contracts;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Grains;
using OrleansKv.Grains.Blocking;
using OrleansKv.Grains.PubSub;
using OrleansKv.RespGateway.Cluster;
using OrleansKv.RespGateway.Commands;
using OrleansKv.Support;

namespace OrleansKv.RespGateway.Tests.Cluster;

/// <summary>Several silos in the test's process, each a store with a gateway, and a slot map that the test changes.</summary>
internal sealed class TestCluster : IDisposable
{
    private readonly string?[] _owners = new string?[SlotHash.SlotCount];
    private readonly string?[] _keepers = new string?[SlotHash.SlotCount];
    private readonly long[] _epochs = new long[SlotHash.SlotCount];

    /// <param name="count">How many silos; the slots are spread evenly, in ranges.</param>
    /// <param name="clusterMode">Whether clients are redirected; otherwise every gateway serves all slots.</param>
    /// <param name="configure">Changes the configuration of each silo, given its number.</param>
    public TestCluster(int count, bool clusterMode, Action<int, ServerConfig>? configure = null)
    {
        Operator = new TestOperator(this);
        Silos = [.. Enumerable.Range(0, count).Select(number => new Silo(this, number, clusterMode, configure))];
        Forwarder.ConfigOf = name => this[name].Config;
        Forwarder.StoreOf = name => this[name].Store;
        Members = [.. Silos.Select(silo => silo.Member)];
        for (var i = 0; i < count; i++) Assign(SlotHash.SlotCount * i / count, (SlotHash.SlotCount * (i + 1) / count) - 1, Silos[i]);
        foreach (var silo in Silos) silo.Server.Start();
    }

    public TestMap Map { get; } = new();

    /// <summary>How commands get from one silo to another.</summary>
    public TestForwarder Forwarder { get; } = new();

    /// <summary>Who changes the map by CLUSTER's subcommands.</summary>
    public TestOperator Operator { get; }

    public Silo[] Silos { get; }

    /// <summary>The members as the map shows them after the next change.</summary>
    public MapMember[] Members { get; set; }

    /// <summary>What operators have made of the nodes, as the map shows it after the next change.</summary>
    public MapNode[] Nodes { get; set; } = [];

    /// <summary>Exceptions that escaped from a loop's work: there must be none.</summary>
    public ConcurrentQueue<Exception> Errors { get; } = new();

    public Silo this[int index] => Silos[index];

    private Silo this[string name] => Array.Find(Silos, silo => silo.Name == name)!;

    /// <summary>The silo that the map says owns a key's slot.</summary>
    public Silo OwnerOf(string key) => Array.Find(Silos, silo => silo.Name == _owners[SlotOf(key)])!;

    /// <summary>A silo that does not own a key's slot.</summary>
    public Silo OtherThan(string key) => Array.Find(Silos, silo => silo.Name != _owners[SlotOf(key)])!;

    /// <summary>A key with this beginning that a silo owns.</summary>
    public string KeyOf(int silo, string start) =>
        Enumerable.Range(0, int.MaxValue).Select(i => $"{start}{i}").First(key => OwnerOf(key) == Silos[silo]);

    public static int SlotOf(string key) => SlotHash.Of(System.Text.Encoding.Latin1.GetBytes(key));

    /// <summary>Gives slots to a silo, or to nobody: their roles change first, their content stays where it is, then the map changes.</summary>
    public void Assign(int first, int last, Silo? owner)
    {
        for (var slot = first; slot <= last; slot++)
        {
            (_owners[slot], _keepers[slot]) = (owner?.Name, null);
            _epochs[slot] = Map.Current.Version + 1;
            foreach (var silo in Silos) silo.SetRole(slot, silo == owner ? SlotRole.Primary : SlotRole.Away, _epochs[slot]);
        }

        Publish();
    }

    /// <summary>Gives the slot of a key to a silo.</summary>
    public void Assign(string key, Silo? owner) => Assign(SlotOf(key), SlotOf(key), owner);

    /// <summary>Moves the slot of a key as a planned move does: who gives it keeps a copy.</summary>
    public void Move(string key, Silo target)
    {
        var slot = SlotOf(key);
        var giver = OwnerOf(key);
        _owners[slot] = target.Name;
        _keepers[slot] = giver.Name;
        _epochs[slot] = Map.Current.Version + 1;
        giver.SetRole(slot, SlotRole.Replica, _epochs[slot]);
        target.SetRole(slot, SlotRole.Primary, _epochs[slot]);
        Publish();
    }

    /// <summary>Makes what was assigned the next version of the map.</summary>
    public void Publish()
    {
        var ranges = new List<SlotRange>();
        for (var slot = 0; slot < SlotHash.SlotCount; slot++)
        {
            var range = new SlotRange(slot, slot, _owners[slot], _epochs[slot]) { KeptBy = _keepers[slot] };
            if (ranges.Count > 0 && ranges[^1] with { First = slot, Last = slot } == range) ranges[^1] = ranges[^1] with { Last = slot };
            else ranges.Add(range);
        }

        Map.Set(Members, [.. ranges], Nodes);
    }

    public void Dispose()
    {
        foreach (var silo in Silos) silo.Server.Dispose();
        foreach (var silo in Silos) silo.Waits.Dispose();
        foreach (var silo in Silos) silo.Store.Dispose();
        Assert.Empty(Errors);
    }

    internal sealed class Silo
    {
        public Silo(TestCluster cluster, int number, bool clusterMode, Action<int, ServerConfig>? configure)
        {
            Name = $"silo-{number}";
            Config = new ServerConfig { IoThreads = 2, ClusterEnabled = clusterMode };
            configure?.Invoke(number, Config);
            Store = new Store(Config, TimeProvider.System, GatewayCommands.Rows);
            Server = new RespServer(Store, Config, cluster.Errors.Enqueue)
            {
                Cluster = new ClusterLink(Name, cluster.Map, cluster.Forwarder, cluster.Forwarder, cluster.Operator),
            };
            Watches = new RemoteWatches(Store);
            Waits = new RemoteWaits(Store, cluster.Map, (gateway, waits) => cluster.Forwarder.CallAsync(
                gateway, () => Array.FindAll(waits, wait => !cluster[gateway].Store.WaitingClients!.Wake(wait))));
            cluster.Forwarder.Add(Name, new GrainCommands(Store, cluster.Map, Watches, () => Name), new MessageInbox(Store, cluster.Map), Waits);
            Port = Server.ListenTcp("127.0.0.1", 0).Port;
            Member = new MapMember
            {
                Silo = Name, NodeId = new string((char)('a' + number), 40), Endpoint = new NodeEndpoint("127.0.0.1", Port, Config.ClusterAnnounceHostName),
            };
        }

        public string Name { get; }

        public ServerConfig Config { get; }

        public Store Store { get; }

        public RespServer Server { get; }

        public RemoteWaits Waits { get; }

        public RemoteWatches Watches { get; }

        public int Port { get; }

        public MapMember Member { get; }

        public RespClient Connect(int timeoutMs = 20_000) => RespClient.Connect(Port, timeoutMs);

        public void SetRole(int slot, SlotRole role, long? epoch = null)
        {
            var target = Store.Slots[slot];
            target.Lock.Enter();
            target.Role = role;
            target.Epoch = epoch ?? target.Epoch;
            target.Lock.Exit();
        }
    }
}

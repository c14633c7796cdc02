using OrleansKv.Engine.Replication;

namespace OrleansKv.Simulation;

/// <summary>Nodes with their processes, the map and the network between them. An incarnation is called "A@1": the node's first process.</summary>
internal sealed class Cluster
{
    private readonly Dictionary<string, int> _incarnations = [];
    private int _operations;

    public Cluster(World world, int slotCount = 8)
    {
        World = world;
        SlotCount = slotCount;
        Network = new Network(world);
        Map = new SimMap(this);
        Checker = new Checker(this);
    }

    public World World { get; }

    public Network Network { get; }

    public SimMap Map { get; }

    public Checker Checker { get; }

    public ReplicationOptions Options { get; init; } = new();

    public int SlotCount { get; }

    /// <summary>Copies beside the primary's.</summary>
    public int ReplicaCount { get; init; } = 1;

    /// <summary>How far clocks' speeds may be off, as a fraction.</summary>
    public double ClockError { get; init; }

    /// <summary>Whether silos give of their slots to those that have fewer, as the plan says.</summary>
    public bool IsBalancing { get; init; }

    /// <summary>Records that a journal keeps.</summary>
    public int BacklogRecords { get; init; } = 1000;

    /// <summary>Every process that runs, stopped or not.</summary>
    public List<SimSilo> Silos { get; } = [];

    public int NextOperation() => ++_operations;

    /// <summary>Starts a process on a node.</summary>
    public SimSilo Start(string node)
    {
        var incarnation = _incarnations[node] = _incarnations.GetValueOrDefault(node) + 1;
        var silo = new SimSilo(this, $"{node}@{incarnation}");
        Silos.Add(silo);
        silo.Start();
        return silo;
    }

    /// <summary>Ends a process; everything in its memory is gone.</summary>
    public void Crash(SimSilo silo)
    {
        if (silo.IsCrashed) return;
        World.Note($"{silo.Name} crashes");
        silo.Crash();
        Silos.Remove(silo);
    }

    /// <summary>Ends a process, and starts the node's next a little later.</summary>
    public void Restart(SimSilo silo)
    {
        if (silo.IsCrashed) return;
        Crash(silo);
        World.After(World.Between(5, 300), () => Start(silo.Name[..silo.Name.IndexOf('@', StringComparison.Ordinal)]));
    }

    public SimSilo? Find(string name) => Silos.Find(silo => silo.Name == name);

    /// <summary>Has a message arrive at a process, if that still runs.</summary>
    public void Deliver(string name, Action<SimSilo> action)
    {
        if (Find(name) is { } silo) silo.Run(() => action(silo));
    }

    /// <summary>A client's command to a silo and its reply back.</summary>
    public void Ask(string client, string silo, ClientOperation operation, Action<ClientReply> reply) => Network.Send(
        client, silo, () => Deliver(silo, to => to.Execute(operation, answer => Network.Send(silo, client, () => reply(answer)))));
}

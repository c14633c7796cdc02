using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansKv.LocalRuntime;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Silos that have nothing but their membership, each in a simulated process, and a network between them that can be cut.</summary>
internal sealed class SimulatedCluster
{
    private readonly List<SimulatedSilo> _silos = [];
    private readonly HashSet<(SimulatedSilo From, SimulatedSilo To)> _cuts = [];

    public SimulatedCluster(int seed)
    {
        Simulation = new(seed);
        Table = new(Simulation);
    }

    public Simulation Simulation { get; }

    public SimulatedTable Table { get; }

    public ClusterMembershipOptions Options { get; } = new()
    {
        ProbeTimeout = TimeSpan.FromMilliseconds(500),
        NumMissedProbesLimit = 2,
        NumVotesForDeathDeclaration = 2,
        TableRefreshTimeout = TimeSpan.FromSeconds(5),
        IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(1),
        MaxJoinAttemptTime = TimeSpan.FromSeconds(30),
    };

    public IReadOnlyList<SimulatedSilo> Silos => _silos;

    /// <summary>A process that has not joined yet.</summary>
    public SimulatedSilo Add(int port, int generation = 1)
    {
        var silo = new SimulatedSilo(this, SiloAddress.New(IPAddress.Loopback, port, generation));
        _silos.Add(silo);
        return silo;
    }

    /// <summary>That many silos, all active and known to each other as such.</summary>
    public SimulatedSilo[] StartTogether(int count)
    {
        SimulatedSilo[] silos = [.. Enumerable.Range(1, count).Select(port => Add(port))];
        foreach (SimulatedSilo silo in silos)
            silo.Start();
        Expect("all silos are active", TimeSpan.FromSeconds(10), () => silos.All(silo => silos.All(other => silo.Sees(other, SiloStatus.Active))));
        return silos;
    }

    /// <summary>Fails if it does not come true in simulated time; gives the time that it took.</summary>
    public TimeSpan Expect(string what, TimeSpan limit, Func<bool> condition)
    {
        TimeSpan start = Simulation.Now;
        Assert.True(
            Simulation.RunUntil(condition, limit),
            $"Seed {Simulation.Seed}: not within {limit}: {what}. {string.Join("; ", _silos.Select(silo => silo.Describe()))}");
        return Simulation.Now - start;
    }

    public void Cut(SimulatedSilo one, SimulatedSilo other)
    {
        _cuts.Add((one, other));
        _cuts.Add((other, one));
    }

    public void MendAll() => _cuts.Clear();

    /// <summary>
    /// Has <paramref name="handle"/> run in the process of the target's exact incarnation and its result come back. A cut loses messages; a process
    /// that is not there refuses.
    /// </summary>
    internal Task<T> CallAsync<T>(SimulatedSilo from, SiloAddress target, Func<MembershipAgent, Task<T>> handle)
    {
        var answer = new TaskCompletionSource<T>();
        SimulatedSilo? to = _silos.Find(silo => silo.Address.Equals(target));
        if (to is null || to.Process.IsKilled)
        {
            from.Process.After(Latency(), () => answer.TrySetException(new SocketException((int)SocketError.ConnectionRefused)));
            return answer.Task;
        }

        if (!_cuts.Contains((from, to)))
            to.Process.After(Latency(), () => _ = AnswerAsync(from, to, handle, answer));
        return answer.Task;
    }

    private async Task AnswerAsync<T>(SimulatedSilo from, SimulatedSilo to, Func<MembershipAgent, Task<T>> handle, TaskCompletionSource<T> answer)
    {
        Action deliver;
        try
        {
            T result = await handle(to.Agent);
            deliver = () => answer.TrySetResult(result);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            deliver = () => answer.TrySetException(exception);
        }

        if (!_cuts.Contains((to, from)))
            from.Process.After(Latency(), deliver);
    }

    private TimeSpan Latency() => Simulation.Between(0.05, 2);
}

internal sealed class SimulatedSilo : IMembershipLink, ILocalSiloDetails, IFatalErrorHandler
{
    private readonly SimulatedCluster _cluster;

    public SimulatedSilo(SimulatedCluster cluster, SiloAddress address)
    {
        _cluster = cluster;
        Address = address;
        Process = new(cluster.Simulation);
        Agent = new(
            this, cluster.Table.OpenFrom(Process), this, Options.Create(cluster.Options), this, Process.Time, NullLogger<MembershipAgent>.Instance);
        Agent.DeclaredDead += () => HasStoppedServing = true;
    }

    public SiloAddress Address { get; }

    public SimulatedProcess Process { get; }

    public MembershipAgent Agent { get; }

    public bool HasStoppedServing { get; private set; }

    public bool HasFatalError { get; private set; }

    /// <summary>Of joining and becoming active.</summary>
    public Task Started { get; private set; } = Task.CompletedTask;

    string ILocalSiloDetails.Name => $"silo{Address.Endpoint.Port}";

    string ILocalSiloDetails.ClusterId => "simulated";

    SiloAddress ILocalSiloDetails.SiloAddress => Address;

    SiloAddress ILocalSiloDetails.GatewayAddress => SiloAddress.New(Address.Endpoint.Address, Address.Endpoint.Port + 1000, 0);

    public void Start() => Started = Process.Start(async () =>
    {
        await Agent.JoinAsync(CancellationToken.None);
        await Agent.BecomeActiveAsync(CancellationToken.None);
    });

    public Task Do(Func<MembershipAgent, Task> work) => Process.Start(() => work(Agent));

    public bool Sees(SimulatedSilo other, SiloStatus status) => Agent.CurrentSnapshot.GetSiloStatus(other.Address) == status;

    public string Describe() =>
        $"{Address} {Agent.LocalStatus}{(Process.IsKilled ? " killed" : "")}{(Process.IsHung ? " hung" : "")} {Started.Exception?.InnerException?.Message} sees {Agent.CurrentSnapshot}";

    async Task IMembershipLink.ProbeAsync(SiloAddress target, CancellationToken cancellationToken)
    {
        if (!await _cluster.CallAsync(this, target, agent => Task.FromResult(agent.ReceiveProbe())))
            throw new IOException("The probe was not answered.");
    }

    Task<bool> IMembershipLink.ProbeIndirectlyAsync(
        SiloAddress intermediary, SiloAddress target, TimeSpan probeTimeout, CancellationToken cancellationToken) =>
        _cluster.CallAsync(this, intermediary, agent => agent.ReceiveIndirectProbeAsync(target, probeTimeout, CancellationToken.None));

    void IMembershipLink.Gossip(SiloAddress target) => _ = _cluster.CallAsync(this, target, agent =>
    {
        agent.ReceiveGossip();
        return Task.FromResult(true);
    });

    bool IFatalErrorHandler.IsUnexpected(Exception exception) => true;

    void IFatalErrorHandler.OnFatalException(object? sender, string? context, Exception? exception)
    {
        Assert.True(HasStoppedServing);
        HasFatalError = true;
    }
}

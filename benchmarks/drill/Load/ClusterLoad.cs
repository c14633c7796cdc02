using System.Diagnostics;
using OrleansKv.Drill.Client;
using OrleansKv.Drill.Linearizability;

namespace OrleansKv.Drill.Load;

/// <summary>
/// Everything that talks to the cluster during a round: writers, probers and the clients of the registers. Some clients give up early, as
/// those with short time limits do, and some wait long: they are the ones to whom a node that slept would answer what is no longer true.
/// </summary>
internal sealed class ClusterLoad : IDisposable
{
    private const int PatientMs = 30_000;
    private const int ProbeMs = 250;
    private const int RegisterClients = 4;
    private const int VerifyMs = 30_000;

    private readonly LoadSettings _settings;
    private readonly CancellationToken _stop;
    private readonly ErrorCounts _errors = new();
    private readonly List<Writer> _writers = [];
    private readonly List<Prober> _probers = [];
    private readonly List<RegisterClient> _registerClients = [];
    private readonly Workers _workers;
    private int _clients;
    private int _round;
    private bool _isRunning;
    private string[] _registers = [];

    public ClusterLoad(LoadSettings settings, CancellationToken stop)
    {
        _settings = settings;
        _stop = stop;
        for (int i = 0; i < settings.Writers; i++)
            _writers.Add(new Writer(i, settings.KeysOfAKind, NewClient(i % 4 == 3 ? PatientMs : settings.TimeoutMs), NewRandom(), stop));
        for (int i = 0; i < settings.Groups; i++)
            _probers.Add(new Prober(i, settings.Groups, NewClient(ProbeMs), stop));
        for (int i = 0; i < RegisterClients; i++)
            _registerClients.Add(new RegisterClient(i, NewClient(i % 2 == 1 ? PatientMs : settings.TimeoutMs), NewRandom(), stop));
        _workers = new Workers("load", [.. _writers, .. _probers, .. _registerClients]);
    }

    /// <summary>Lets everybody begin, with registers that nobody has written.</summary>
    public void Run()
    {
        if (_isRunning)
            throw new InvalidOperationException("it runs already");
        _isRunning = true;
        _round++;
        _registers = [.. Enumerable.Range(0, _settings.Registers)
            .Select(i => HashSlot.KeyIn($"drill:register:{_round}:", i, _settings.Registers))];
        _registerClients.ForEach(client => client.Change(_registers));
        _workers.Run();
    }

    /// <summary>
    /// Writes to every group of slots, and asks by WAIT whether so many replicas have it. What nodes say of their replicas is not enough: one
    /// that has its copy and follows may still not be sent anything, and copies may be kept by nodes that are shown as masters.
    /// </summary>
    public bool IsReplicated(int replicas)
    {
        using ClusterClient client = NewClient(_settings.TimeoutMs);
        return Enumerable.Range(0, _settings.Groups).All(group =>
        {
            string key = HashSlot.KeyIn("drill:wait:", group, _settings.Groups);
            int slot = HashSlot.Of(key);
            return client.Call(slot, "SET", key, "").Fate == Fate.Done
                && client.Call(slot, "WAIT", $"{replicas}", $"{_settings.TimeoutMs / 2}") is { Fate: Fate.Done, Reply.Type: ':' } waited
                && waited.Reply.Integer >= replicas;
        });
    }

    /// <summary>True when every group of slots has acknowledged a write that was begun after this instant.</summary>
    public bool HasWrittenEverywhereSince(long timestamp) => _probers.All(prober => prober.LastBegun >= timestamp);

    /// <summary>Stops everybody, and finds out what is wrong.</summary>
    public LoadResult HoldAndVerify(long fault)
    {
        _workers.Hold();
        _isRunning = false;
        using ClusterClient client = NewClient(_settings.TimeoutMs);
        Findings inReplies = _writers.Aggregate(new Findings(), (sum, writer) => sum + writer.TakeFindings());
        Findings inKeys = new Verifier(client, VerifyMs, _stop).Verify(_writers.SelectMany(writer => writer.Keys));
        _writers.ForEach(writer => writer.ReplaceJudged());
        return new LoadResult(
            _writers.Sum(writer => writer.Acknowledged),
            _writers.Sum(writer => writer.Unknown),
            inReplies + inKeys,
            [.. _probers.Select(prober => prober.TakeOutage(fault))],
            CheckRegisters(client),
            _errors.Take());
    }

    public void Dispose() => _workers.Dispose();

    private Dictionary<string, Verdict> CheckRegisters(ClusterClient client)
    {
        var history = _registerClients.SelectMany(one => one.Change([])).ToList();
        history.AddRange(_registers.Select(key => ReadAtTheEnd(client, key)).OfType<(string, RegisterOperation)>());
        return history
            .GroupBy(entry => entry.Key, entry => entry.Operation)
            .ToDictionary(register => register.Key, register => RegisterChecker.Check(register));
    }

    private static (string Key, RegisterOperation Operation)? ReadAtTheEnd(ClusterClient client, string key)
    {
        long invoked = Stopwatch.GetTimestamp();
        Outcome outcome = client.Call(HashSlot.Of(key), "GET", key);
        return outcome.Fate == Fate.Done
            ? (key, RegisterOperation.Read(outcome.Reply!.Text, invoked, Stopwatch.GetTimestamp()))
            : null;
    }

    private ClusterClient NewClient(int timeoutMs) => new(_settings.Ports, timeoutMs, NewRandom(), _errors, TimeProvider.System);

    private Random NewRandom() => new(unchecked((_settings.Seed * 7919) + _clients++));
}

/// <summary>What a round of load saw. Writes are counted from the first round on.</summary>
internal sealed record LoadResult(
    long Acknowledged,
    long Unknown,
    Findings Findings,
    IReadOnlyList<Outage> Outages,
    IReadOnlyDictionary<string, Verdict> Registers,
    IReadOnlyDictionary<string, long> Errors)
{
    public int RegistersWith(Verdict verdict) => Registers.Values.Count(value => value == verdict);
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;
using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Journaling;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Replication;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Replication;

/// <summary>
/// Runs this silo's <see cref="SiloReplication"/>: gives it maps, messages, records and time, one at a time under a lock, and sends what it has to
/// say when the lock is free.
/// </summary>
/// <remarks>
/// A thread of its own pumps: woken by the first record that could be sent at once, and every few milliseconds. So promises are asked for
/// whatever the thread pool is busy with. While all replicas have as many requests as they may have, nobody is woken by records: their answers
/// are what goes on then, and what came meanwhile goes in one request.
/// <para>Locks: the slot map's, then this one, then those of slots and of the barrier. Who holds a slot's lock calls nothing here but the wake.</para>
/// </remarks>
public sealed partial class ReplicationDriver : IReplicationState, ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const int PumpPeriodMs = 10;

    private readonly Store _store;
    private readonly Journal _journal;
    private readonly ILogger _logger;
    private readonly ReplicationOptions _options;
    private readonly ReplicationOutbox _outbox;
    private readonly StoreReplicationHost _host;
    private readonly SiloReplication _replication;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, long> _mapVersions = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly Action _onAppend;
    private readonly SlotMover _mover;
    private readonly Thread _thread;
    private volatile ReplicaProgress[] _progress = [];
    private volatile bool _isStopped;
    private volatile bool _isArmed;

    public ReplicationDriver(
        Store store,
        SlotMapSource source,
        IGrainFactory grains,
        ILocalSiloDetails silo,
        IOptions<SlotMapOptions> options,
        ILogger<ReplicationDriver> logger)
    {
        _store = store;
        _logger = logger;
        _journal = new Journal(limitBytes: store.Config.ReplBacklogBytes);
        _options = new ReplicationOptions { IsAsynchronous = !store.Config.ClusterSynchronousReplication };
        _outbox = new ReplicationOutbox(grains, source, OnReply, logger);
        _host = new StoreReplicationHost(store, _journal, _outbox, () => OnDeclaredDead(options.Value.DeclaredDead));
        _replication = new SiloReplication(silo.SiloAddress.ToParsableString(), _options, _host, clock: () => BootClock.NowMs);
        _onAppend = OnAppend;
        _mover = new SlotMover(_replication, source, store.Config, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "replication" };
        source.Applying = OnMap;
        store.Config.OnChange(Configure, "repl-backlog-size", "cluster-synchronous-replication");
    }

    public event Action? Acknowledged;

    public CommitBarrier Barrier => _replication.Barrier;

    public long NowMs => BootClock.NowMs;

    /// <summary>What has come in parts that are not all there.</summary>
    internal IncomingParts Parts { get; } = new();

    /// <summary>This silo goes: that the map knows it no more is as it should be.</summary>
    internal bool IsLeaving { get; set; }

    /// <summary>The replicas with complete copies, as of a moment ago. Any thread.</summary>
    public IReadOnlyList<ReplicaProgress> Progress => _progress;

    public long MapVersionOf(string primary) => _mapVersions.GetValueOrDefault(primary);

    public int CountAcknowledged(long lsn)
    {
        var count = 0;
        foreach (var replica in _progress)
            if (replica.AckedLsn >= lsn) count++;
        return count;
    }

    public int CountGood(long maxLagMs)
    {
        var nowMs = NowMs;
        var count = 0;
        foreach (var replica in _progress)
            if (nowMs - replica.HeardMs <= maxLagMs) count++;
        return count;
    }

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe("Replication", ServiceLifecycleStage.ApplicationServices, StartAsync, StopAsync);

    public void Dispose()
    {
        if (!Stop()) return;
        if (_thread.IsAlive) _thread.Join();
        _wake.Dispose();
    }

    /// <summary>Takes a primary's request and answers it.</summary>
    internal ReplicateReply Receive(ReplicateRequest request)
    {
        ObjectDisposedException.ThrowIf(_isStopped, this);
        ReplicateReply reply;
        lock (_gate)
        {
            _mapVersions[request.Primary] = Math.Max(request.MapVersion, MapVersionOf(request.Primary));
            try
            {
                reply = _replication.OnRequest(request, NowMs);
            }
            catch (Exception error)
            {
                LogNotApplied(_logger, error, request.Primary);
                reply = _replication.FailStream(request);
            }
        }

        if (!_outbox.IsEmpty) _wake.Set();
        return reply;
    }

    private Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var slot in _store.Slots) slot.SetRole(SlotRole.Away, 0);
        _store.Journal = _journal;
        _store.Replication = this;
        _thread.Start();
        return Task.CompletedTask;
    }

    private Task StopAsync(CancellationToken cancellationToken)
    {
        Stop();
        return Task.CompletedTask;
    }

    /// <returns>False where it was stopped before.</returns>
    private bool Stop()
    {
        if (_isStopped) return false;
        _isStopped = true;
        _wake.Set();
        return true;
    }

    private string? Configure()
    {
        _journal.LimitBytes = _store.Config.ReplBacklogBytes;
        _options.IsAsynchronous = !_store.Config.ClusterSynchronousReplication;
        _wake.Set();
        return null;
    }

    /// <summary>A map comes, before anybody here sees it; under the lock of its source.</summary>
    private void OnMap(SlotMap map)
    {
        lock (_gate)
        {
            Step(() =>
            {
                _replication.OnMap(map, NowMs);
                _host.ForgetGone(map);
                foreach (var primary in _mapVersions.Keys)
                    if (map.Find(primary) == null) _mapVersions.TryRemove(primary, out _);
                Parts.ForgetGone(map);
            });

            // Replicas that are gone acknowledge nothing more.
            UpdateProgress();
        }

        _wake.Set();
    }

    private void OnReply(string replica, ReplicateReply reply)
    {
        bool isFurther;
        lock (_gate)
        {
            Step(() => _replication.OnReply(replica, reply, NowMs));
            isFurther = UpdateProgress();
        }

        _outbox.Flush();
        if (isFurther) Acknowledged?.Invoke();
    }

    private void Run()
    {
        while (!_isStopped)
        {
            _wake.WaitOne(PumpPeriodMs);
            var moves = _mover.Look(NowMs);
            lock (_gate)
            {
                Step(() =>
                {
                    _replication.Pump(NowMs);
                    _mover.Go(moves, NowMs);
                });
            }

            _outbox.Flush();
        }
    }

    /// <summary>Does a step of the state machines, and has records wake the thread from then on where they can be sent. Under the lock.</summary>
    private void Step(Action step)
    {
        if (_isStopped) return;
        try
        {
            step();
            Arm();
        }
        catch (Exception error)
        {
            // What this silo promises, and what is promised to it, is not certain any more: it must not go on as it is.
            LogFailed(_logger, error);
            _replication.Abandon();
        }
    }

    private void Arm()
    {
        while (!_isArmed && _replication.SendsAfterLsn is { } lsn)
        {
            _isArmed = true;
            if (_journal.TryWait(lsn, _onAppend)) return;
            _isArmed = false;
            _replication.Pump(NowMs);
        }
    }

    /// <summary>A record came that can be sent; on the thread of its command, under slot locks.</summary>
    private void OnAppend()
    {
        _isArmed = false;
        _wake.Set();
    }

    /// <returns>Whether a replica has more than before. Under the lock.</returns>
    private bool UpdateProgress()
    {
        var before = _progress;
        _progress = _replication.Progress;
        foreach (var replica in _progress)
            if (!Array.Exists(before, other => other.Silo == replica.Silo && other.AckedLsn >= replica.AckedLsn)) return true;
        return false;
    }

    private void OnDeclaredDead(Action? tell)
    {
        if (IsLeaving) return;
        LogDeclaredDead(_logger, _replication.Self);
        tell?.Invoke();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What {Primary} sent could not be applied: all of its slots are copied anew")]
    private static partial void LogNotApplied(ILogger logger, Exception error, string primary);

    [LoggerMessage(Level = LogLevel.Critical, Message = "Replication has failed: this silo gives up its slots")]
    private static partial void LogFailed(ILogger logger, Exception error);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The cluster has declared this silo dead ({Silo}): it serves nothing any more")]
    private static partial void LogDeclaredDead(ILogger logger, string silo);
}

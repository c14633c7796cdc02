// Stands for Orleans.Runtime.MembershipService.MembershipAgent and ClusterMembershipService.
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// The table is the only truth: what this silo does to the cluster is a change of the table, what it knows of the cluster is what it last read.
/// Probes merely decide whom to vote against, and gossip when to read. See <see cref="IMembershipAgent"/> for the order of calls.
/// </summary>
internal sealed partial class MembershipAgent : IMembershipAgent
{
    private const int ReadAttempts = 3;

    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KillLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReadRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ConnectivityRetry = TimeSpan.FromMilliseconds(500);

    private readonly ILocalSiloDetails _silo;
    private readonly IMembershipLink _link;
    private readonly ClusterMembershipOptions _options;
    private readonly IFatalErrorHandler _fatal;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DateTime _startTime;
    private readonly MembershipTableAccess _access;
    private readonly FailureDetector _detector;
    private readonly LocalHealth _health;
    private readonly SnapshotStream _snapshots = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _loops = [];
    private int _status = (int)SiloStatus.Created;
    private bool _hasJoined;
    private bool _isLeaving;
    private bool _hasEnded;

    public MembershipAgent(
        ILocalSiloDetails silo,
        IMembershipTable table,
        IMembershipLink link,
        IOptions<ClusterMembershipOptions> options,
        IFatalErrorHandler fatal,
        TimeProvider time,
        ILogger<MembershipAgent> logger)
    {
        _silo = silo;
        _link = link;
        _options = options.Value;
        _fatal = fatal;
        _time = time;
        _logger = logger;
        _startTime = time.Now();
        _health = new(_options, time);
        _access = new(table, silo.SiloAddress, time, logger, OnRead, Gossip);
        _detector = new(silo.SiloAddress, link, _health, _access, _options, time, logger);
    }

    public event Action? DeclaredDead;

    public SiloStatus LocalStatus => (SiloStatus)Volatile.Read(ref _status);

    public ClusterMembershipSnapshot CurrentSnapshot => _snapshots.Current;

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => _snapshots;

    private SiloAddress Self => _silo.SiloAddress;

    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        await InitializeTableAsync(cancellationToken);
        await DeclarePredecessorsDeadAsync(cancellationToken);
        await _access.ChangeAsync(OwnRow, _options.MaxJoinAttemptTime, cancellationToken);
        _hasJoined = true;
        await TryReadAsync();
        _loops.Add(_health.RunAsync(OnPause, _stop.Token));
        StartLoop(_options.TableRefreshTimeout, RefreshPeriodicallyAsync);
        StartLoop(_options.IAmAliveTablePublishTimeout, _access.WriteSignOfLifeAsync);
        if (_options.DefunctSiloCleanupPeriod is TimeSpan period)
            StartLoop(period, () => _access.CleanUpAsync(_options.DefunctSiloExpiration));
    }

    public async Task BecomeActiveAsync(CancellationToken cancellationToken)
    {
        await ReachOthersAsync(cancellationToken);
        await SetStatusAsync(SiloStatus.Active, _options.MaxJoinAttemptTime, cancellationToken);
    }

    public Task BeginLeavingAsync(CancellationToken cancellationToken) => LeaveAsAsync(SiloStatus.ShuttingDown, cancellationToken);

    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        // From here on a row that says Dead is this silo's own doing.
        _isLeaving = true;
        await LeaveAsAsync(SiloStatus.Dead, cancellationToken);
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        StopLoops();
        await Task.WhenAll(_loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) =>
        new(OffTurnAsync(async () =>
        {
            await RefreshAsync(minimumVersion, cancellationToken);
            return true;
        }));

    public Task<bool> TryKill(SiloAddress siloAddress) => OffTurnAsync(() => KillAsync(siloAddress));

    public bool ReceiveProbe() => LocalStatus != SiloStatus.Dead && !_stop.IsCancellationRequested;

    public async Task<bool> ReceiveIndirectProbeAsync(SiloAddress target, TimeSpan probeTimeout, CancellationToken cancellationToken)
    {
        if (LocalStatus != SiloStatus.Active || _health.IsDegraded)
            throw new OrleansException($"Silo {Self} is in no state to judge {target}.");
        long start = _time.GetTimestamp();
        bool isReached = await ReachAsync(target, probeTimeout, cancellationToken);
        if (!isReached && _time.GetElapsedTime(start) > probeTimeout + _health.Tolerance)
            throw new OrleansException($"Silo {Self} was itself too late to judge {target}.");
        return isReached;
    }

    public void ReceiveGossip()
    {
        if (_hasJoined && !_stop.IsCancellationRequested)
            _ = TryReadAsync();
    }

    /// <summary>A read is shared by all who ask for it, so it must not run in one grain's turns.</summary>
    private static Task<T> OffTurnAsync<T>(Func<Task<T>> workAsync) => TaskScheduler.Current == TaskScheduler.Default
        ? workAsync()
        : Task.Factory.StartNew(workAsync, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Default).Unwrap();

    private async Task RefreshAsync(MembershipVersion minimumVersion, CancellationToken cancellationToken)
    {
        bool hasMinimum = minimumVersion != default && minimumVersion != MembershipVersion.MinValue;
        if (hasMinimum && CurrentSnapshot.Version >= minimumVersion)
            return;
        await _access.ReadAsync().WaitAsync(cancellationToken);
        while (hasMinimum && CurrentSnapshot.Version < minimumVersion)
        {
            await _time.WaitAsync(TimeSpan.FromMilliseconds(50), cancellationToken);
            await _access.ReadAsync().WaitAsync(cancellationToken);
        }
    }

    private async Task<bool> KillAsync(SiloAddress siloAddress)
    {
        try
        {
            await _access.ChangeAsync(data => DeadRow(data, siloAddress), KillLimit, _stop.Token);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            LogKillFailure(_logger, siloAddress, exception);
        }

        return CurrentSnapshot.GetSiloStatus(siloAddress) == SiloStatus.Dead;
    }

    private static MembershipEntry? DeadRow(MembershipTableData data, SiloAddress silo) =>
        data.TryGet(silo)?.Item1 is MembershipEntry row && row.Status != SiloStatus.Dead
            ? FailureDetector.WithStatus(row, SiloStatus.Dead)
            : null;

    /// <summary>Reads come one at a time, so this does too.</summary>
    private void OnRead(MembershipTableData data)
    {
        SiloStatus? own = data.TryGet(Self)?.Item1.Status;
        bool isDead = _hasJoined && !_isLeaving && own is null or SiloStatus.Dead;
        if (isDead)
            StopServing(own is null ? "its row is gone from the membership table" : "the membership table says so");
        else if (own is SiloStatus status)
            Volatile.Write(ref _status, (int)status);

        Publish(data);
        if (isDead)
            End();
        else
            _detector.Update(data);
    }

    private void Publish(MembershipTableData data)
    {
        var version = new MembershipVersion(data.Version.Version);
        if (version <= CurrentSnapshot.Version)
            return;
        _snapshots.Publish(new(
            data.Members.ToImmutableDictionary(
                member => member.Item1.SiloAddress,
                member => new ClusterMember(member.Item1.SiloAddress, member.Item1.Status, member.Item1.SiloName)),
            version));
    }

    private void StopServing(string reason)
    {
        if (LocalStatus == SiloStatus.Dead)
            return;
        Volatile.Write(ref _status, (int)SiloStatus.Dead);
        LogDead(_logger, Self, reason);
        DeclaredDead?.Invoke();
    }

    private void End()
    {
        if (_hasEnded)
            return;
        _hasEnded = true;
        StopLoops();
        _fatal.OnFatalException(this, $"Silo {Self} was declared dead.");
    }

    private void StopLoops()
    {
        _detector.Stop();
        _stop.Cancel();
        _snapshots.Complete();
    }

    private void OnPause(TimeSpan lateness)
    {
        LogPause(_logger, lateness.TotalMilliseconds);
        _ = TryReadAsync();
    }

    private void Gossip(SiloAddress target)
    {
        if (_options.UseLivenessGossip)
            _link.Gossip(target);
    }

    /// <summary>A read that fails is tried again a few times; then the periodic one has to do.</summary>
    private async Task TryReadAsync()
    {
        for (int attempt = 0; attempt < ReadAttempts && !_stop.IsCancellationRequested; attempt++)
        {
            try
            {
                await _access.ReadAsync();
                return;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                LogLoopFailure(_logger, exception);
            }

            await _time.WaitAsync(ReadRetry, CancellationToken.None);
        }
    }

    private async Task RefreshPeriodicallyAsync()
    {
        await TryReadAsync();
        await _detector.EvictStuckAsync(_stop.Token);
    }

    private void StartLoop(TimeSpan period, Func<Task> workAsync) => _loops.Add(LoopAsync(period, workAsync));

    private async Task LoopAsync(TimeSpan period, Func<Task> workAsync)
    {
        while (true)
        {
            await _time.WaitAsync(period, _stop.Token);
            try
            {
                await workAsync();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                LogLoopFailure(_logger, exception);
            }
        }
    }
}

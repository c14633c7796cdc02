// Stands for Orleans.Runtime.SiloStatusOracle: the membership as calls and the directory use it.
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>One state of the cluster: who takes grains, and who may still have some.</summary>
internal sealed class ClusterView
{
    private readonly HashSet<SiloAddress> _living;

    private ClusterView(ClusterMembershipSnapshot snapshot)
    {
        Snapshot = snapshot;
        Active = [.. snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress).Order()];
        _living = [.. snapshot.Members.Values.Where(member => member.Status is not (SiloStatus.Dead or SiloStatus.None))
            .Select(member => member.SiloAddress)];
        Ring = new(Active);
    }

    public ClusterMembershipSnapshot Snapshot { get; }

    public long Version => Snapshot.Version.Value;

    /// <summary>In the order of their addresses.</summary>
    public SiloAddress[] Active { get; }

    /// <summary>Members of any status but dead.</summary>
    public IReadOnlyCollection<SiloAddress> Living => _living;

    /// <summary>Of the active silos: who keeps which registrations.</summary>
    public HashRing Ring { get; }

    public static ClusterView Of(ClusterMembershipSnapshot snapshot) => new(snapshot);

    public bool IsLiving(SiloAddress silo) => _living.Contains(silo);

    public bool IsActive(SiloAddress silo) => Array.BinarySearch(Active, silo) >= 0;
}

/// <summary>The current view, and waiting for a later one.</summary>
internal sealed class ClusterViews(IClusterMembershipService membership, TimeProvider time) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private volatile ClusterView _current = ClusterView.Of(membership.CurrentSnapshot);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _reading = Task.CompletedTask;

    /// <summary>After each change, with the view before it; one at a time.</summary>
    public event Action<ClusterView, ClusterView>? Changed;

    public ClusterView Current => _current;

    public void Start()
    {
        Move(membership.CurrentSnapshot);
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Waits until the view has the version, or for as long as allowed; whoever waits looks again.</summary>
    public async Task WaitForAsync(long version, TimeSpan limit)
    {
        long start = time.GetTimestamp();
        if (_current.Version < version)
            _ = membership.Refresh(new(version), _stop.Token).AsTask().ContinueWith(static task => task.Exception, TaskScheduler.Default);
        while (_current.Version < version && limit - time.GetElapsedTime(start) is var left && left > TimeSpan.Zero)
            await WaitForChangeAsync(_current, left);
    }

    /// <summary>Waits until another view than <paramref name="seen"/> is the current one, or for as long as allowed.</summary>
    public async Task WaitForChangeAsync(ClusterView seen, TimeSpan limit)
    {
        var changed = Volatile.Read(ref _changed).Task;
        if (!ReferenceEquals(_current, seen))
            return;
        await changed.WaitAsync(limit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ReadAsync()
    {
        await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(_stop.Token))
            Move(snapshot);
    }

    private void Move(ClusterMembershipSnapshot snapshot)
    {
        var previous = _current;
        if (ReferenceEquals(snapshot, previous.Snapshot) || snapshot.Version.Value < previous.Version)
            return;
        var next = ClusterView.Of(snapshot);
        _current = next;
        Changed?.Invoke(previous, next);
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}

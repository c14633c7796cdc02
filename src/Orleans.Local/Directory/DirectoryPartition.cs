// Stands for Orleans.Runtime.GrainDirectory.GrainDirectoryPartition.
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// The registrations that this silo owns: of every grain whose hash is next to one of its points on the ring.
///
/// A partition is not handed over. When the membership view gives this silo new ranges, since it became active or another left, it asks
/// every living silo for the activations it has in them, and answers nothing until they have answered, or for
/// <see cref="RecoveryLimit"/>: a silo that hangs must not hold up the others for longer. A silo that fails to answer is asked again until
/// it does or leaves the view. Two activations of one grain that come together this way, as they may when a view changes, end as one:
/// the later to be told of is told to go.
/// </summary>
internal sealed partial class DirectoryPartition(SiloAddress self, ClusterViews views, IDirectoryHosts hosts, ILogger logger)
{
    private static readonly TimeSpan RecoveryLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan ViewLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<GrainId, Registration> _registrations = [];
    private volatile Task _recovered = Task.CompletedTask;
    private ClusterView _view = views.Current;

    public int Count
    {
        get
        {
            lock (_registrations)
                return _registrations.Count;
        }
    }

    /// <summary>Drops what belongs to others by now or is of silos that are dead, and fetches what became ours.</summary>
    public void Move(ClusterView previous, ClusterView next)
    {
        lock (_registrations)
        {
            _view = next;
            var dropped = _registrations.Values.Where(entry => !next.IsLiving(entry.Silo) || !self.Equals(next.Ring.OwnerOf(entry.Grain)));
            foreach (var entry in dropped.ToList())
                _registrations.Remove(entry.Grain);
        }

        bool gains = next.IsActive(self) && (!previous.IsActive(self) || Array.Exists(previous.Active, silo => !next.IsActive(silo)));
        if (gains)
            _recovered = RecoverAsync(next);
    }

    public async Task<DirectoryAnswer> LookupAsync(GrainId grain, long viewVersion)
    {
        var view = await ViewAsync(viewVersion);
        if (!self.Equals(view.Ring.OwnerOf(grain)))
            return new(false, view.Version, null);
        lock (_registrations)
            return new(true, view.Version, _registrations.GetValueOrDefault(grain));
    }

    /// <summary>The registration that holds now: the given one, unless another was there.</summary>
    public async Task<DirectoryAnswer> RegisterAsync(Registration registration, long viewVersion)
    {
        await ViewAsync(viewVersion);
        lock (_registrations)
        {
            var view = _view;
            if (!self.Equals(view.Ring.OwnerOf(registration.Grain)))
                return new(false, view.Version, null);
            return new(true, view.Version, AddUnderGate(registration));
        }
    }

    public void Unregister(Registration registration)
    {
        lock (_registrations)
        {
            if (_registrations.TryGetValue(registration.Grain, out var holding) && holding.Activation == registration.Activation)
                _registrations.Remove(registration.Grain);
        }
    }

    private async Task<ClusterView> ViewAsync(long version)
    {
        await views.WaitForAsync(version, ViewLimit);
        await _recovered.WaitAsync(RecoveryLimit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return views.Current;
    }

    private Registration AddUnderGate(Registration registration)
    {
        if (_registrations.TryGetValue(registration.Grain, out var holding) && _view.IsLiving(holding.Silo))
            return holding;
        _registrations[registration.Grain] = registration;
        return registration;
    }

    private async Task RecoverAsync(ClusterView view)
    {
        // Off the thread that tells of the view: the silo itself is asked too, and answers once it has it.
        await Task.Yield();
        await Task.WhenAll(view.Living.Select(silo => RecoverFromAsync(silo, view)));
    }

    private async Task RecoverFromAsync(SiloAddress silo, ClusterView view)
    {
        while (views.Current is var current && current.IsLiving(silo) && current.IsActive(self))
        {
            try
            {
                var answer = await hosts.RecoverAsync(silo, view.Version);
                foreach (var registration in answer.Registrations)
                    Merge(registration);
                return;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                LogRecoveryFailure(logger, silo, exception.Message);
            }

            await views.WaitForChangeAsync(current, RetryInterval);
        }
    }

    private void Merge(Registration registration)
    {
        Registration holding;
        lock (_registrations)
        {
            if (!self.Equals(_view.Ring.OwnerOf(registration.Grain)) || !_view.IsLiving(registration.Silo))
                return;
            holding = AddUnderGate(registration);
        }

        if (holding.Activation != registration.Activation)
            hosts.TellDuplicate(registration);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Silo {Silo} did not tell its activations: {Reason}")]
    private static partial void LogRecoveryFailure(ILogger logger, SiloAddress silo, string reason);
}

/// <summary>How a partition reaches the silos that have the activations; its own silo among them.</summary>
internal interface IDirectoryHosts
{
    Task<RecoverAnswer> RecoverAsync(SiloAddress silo, long viewVersion);

    void TellDuplicate(Registration registration);
}

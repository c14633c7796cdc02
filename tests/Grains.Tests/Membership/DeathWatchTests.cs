using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Runtime;
using OrleansKv.Grains.Membership;

namespace OrleansKv.Grains.Tests.Membership;

/// <summary>The death of real processes, and what only looks like it.</summary>
public sealed class DeathWatchTests : IAsyncLifetime
{
    private static readonly SiloAddress Self = SiloAddress.New(IPAddress.Loopback, 1, 1);
    private static readonly SiloAddress Other = SiloAddress.New(IPAddress.Loopback, 2, 1);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan AWhile = TimeSpan.FromMilliseconds(800);

    private readonly FakeMembership _membership = new();
    private readonly DeathWatch _watch;
    private readonly SemaphoreSlim _located = new(0);
    private ChildProcess _process = null!;
    private int _port;

    public DeathWatchTests() => _watch = new(Self, _membership, Locate, TimeProvider.System, NullLogger<DeathWatch>.Instance);

    public async Task InitializeAsync()
    {
        _process = await ChildProcess.StartAsync(Program.Lifeline, Other.ToParsableString());
        _port = int.Parse(_process.Line, CultureInfo.InvariantCulture);
        _membership.Publish((Self, SiloStatus.Active), (Other, SiloStatus.Active));
        await _watch.StartAsync(CancellationToken.None);
    }

    public async Task DisposeAsync()
    {
        await _watch.StopAsync(CancellationToken.None);
        _process.Dispose();
    }

    [Fact]
    public async Task Process_Killed_IsDeclaredDeadInATwinkling()
    {
        await HoldAsync();
        long start = Stopwatch.GetTimestamp();

        _process.Kill();

        Assert.Equal(Other, await _membership.Killed.WaitAsync(Limit));

        // A tenth of that on a machine with a free core; a build beside the tests has taken the rest.
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 0, 2000);
    }

    [Fact]
    public async Task Process_Stopped_IsLeftToTheProbes()
    {
        await HoldAsync();

        await _process.SignalAsync("STOP");

        await Assert.ThrowsAsync<TimeoutException>(() => _membership.Killed.WaitAsync(AWhile));
    }

    [Fact]
    public async Task Silo_ThatIsLeaving_IsNotKilledWhenItsProcessEnds()
    {
        await HoldAsync();
        _membership.Publish((Self, SiloStatus.Active), (Other, SiloStatus.ShuttingDown));

        await _process.EndAsync();

        await Assert.ThrowsAsync<TimeoutException>(() => _membership.Killed.WaitAsync(AWhile));
    }

    [Fact]
    public async Task Port_ThatNeverAnswered_ProvesNothing()
    {
        await HoldAsync();
        SiloAddress third = SiloAddress.New(IPAddress.Loopback, 3, 1);

        _membership.Publish((Self, SiloStatus.Active), (Other, SiloStatus.Active), (third, SiloStatus.Active));

        await Assert.ThrowsAsync<TimeoutException>(() => _membership.Killed.WaitAsync(AWhile));
    }

    [Fact]
    public async Task Connection_LostWhileTheProcessLives_IsMadeAgain()
    {
        using var proxy = new LossyProxy(_port);
        var lifeline = new Lifeline(Other, proxy.Endpoint, TimeProvider.System);
        using var stop = new CancellationTokenSource();

        Task<bool> held = lifeline.HoldAsync(stop.Token);
        for (int connection = 0; connection < 4; connection++)
            await proxy.CutAsync().WaitAsync(Limit);

        Assert.False(held.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => held.WaitAsync(Limit));
    }

    [Fact]
    public async Task AnotherIncarnation_AtTheSamePort_IsProofOfTheFirstOnesEnd()
    {
        using var proxy = new LossyProxy(_port);
        Task<bool> held = new Lifeline(Other, proxy.Endpoint, TimeProvider.System).HoldAsync(CancellationToken.None);
        using var next = new LifelineListener(SiloAddress.New(Other.Endpoint, 2));

        await proxy.CutAsync().WaitAsync(Limit);
        proxy.Redirect(next.Port);
        await proxy.CutAsync().WaitAsync(Limit);

        Assert.True(await held.WaitAsync(Limit));
    }

    /// <summary>Until the watch surely holds the lifeline: it has asked where to connect, and a second connection is answered.</summary>
    private async Task HoldAsync()
    {
        Assert.True(await _located.WaitAsync(Limit));
        using var stop = new CancellationTokenSource(AWhile);
        Task<bool> second = new Lifeline(Other, new(IPAddress.Loopback, _port), TimeProvider.System).HoldAsync(stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
    }

    private Task<IPEndPoint> Locate(SiloAddress silo)
    {
        if (!silo.Equals(Other))
            return Task.FromResult(new IPEndPoint(IPAddress.Loopback, 1));
        _located.Release();
        return Task.FromResult(new IPEndPoint(IPAddress.Loopback, _port));
    }

    private sealed class FakeMembership : IClusterMembershipService
    {
        private readonly Channel<ClusterMembershipSnapshot> _updates = Channel.CreateUnbounded<ClusterMembershipSnapshot>();
        private readonly TaskCompletionSource<SiloAddress> _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<SiloAddress> Killed => _killed.Task;

        public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = null!;

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => ReadAsync();

        public void Publish(params (SiloAddress Silo, SiloStatus Status)[] members)
        {
            CurrentSnapshot = new(
                members.ToImmutableDictionary(member => member.Silo, member => new ClusterMember(member.Silo, member.Status, "silo")),
                new MembershipVersion(1));
            _updates.Writer.TryWrite(CurrentSnapshot);
        }

        public ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default) => default;

        public Task<bool> TryKill(SiloAddress siloAddress)
        {
            _killed.TrySetResult(siloAddress);
            return Task.FromResult(true);
        }

        private async IAsyncEnumerable<ClusterMembershipSnapshot> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await foreach (ClusterMembershipSnapshot snapshot in _updates.Reader.ReadAllAsync(cancellationToken))
                yield return snapshot;
        }
    }
}

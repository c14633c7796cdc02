// Stands for Orleans.Runtime.MembershipService.MembershipTableManager: one silo's reading and changing of the membership table.
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Reads are one at a time, so what they bring is in order; who asks while one is under way shares the next. Changes are made from what was
/// just read, compared and set by the table's ETags, and tried again from a new read when another silo was faster or the table failed.
/// </summary>
internal sealed partial class MembershipTableAccess(
    IMembershipTable table, SiloAddress self, TimeProvider time, ILogger logger, Action<MembershipTableData> onRead, Action<SiloAddress> gossip)
{
    /// <summary>A call of the table that takes longer has failed.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FirstBackoff = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();

    // Silos that collide must not collide again; a seed of its own for each keeps simulations the same.
    private readonly Random _jitter = new((int)Ring.Position(self));
    private Task _running = Task.CompletedTask;
    private Task? _next;

    /// <summary>The rows as last read; null before the first read.</summary>
    public MembershipTableData? Latest { get; private set; }

    public Task InitializeAsync() => table.InitializeMembershipTable(tryInitTableVersion: true).WaitAsync(CallLimit, time);

    /// <summary>Reads the table once, beginning no earlier than this call. Throws what the table throws.</summary>
    public Task ReadAsync()
    {
        lock (_gate)
            return _next ??= ReadAfterAsync(_running);
    }

    public Task WriteSignOfLifeAsync() =>
        table.UpdateIAmAlive(new MembershipEntry { SiloAddress = self, IAmAliveTime = time.Now() }).WaitAsync(CallLimit, time);

    public Task CleanUpAsync(TimeSpan age) => table.CleanupDefunctSiloEntries(time.GetUtcNow() - age).WaitAsync(CallLimit, time);

    /// <summary>
    /// Writes the row that <paramref name="change"/> makes from what was just read; it is asked anew in every attempt and gives null when there
    /// is nothing to do (then the result is false). Others are told. Throws TimeoutException after <paramref name="limit"/>.
    /// </summary>
    public async Task<bool> ChangeAsync(
        Func<MembershipTableData, MembershipEntry?> change, TimeSpan limit, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        MembershipEntry? written = null;
        for (int attempt = 1; ; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Exception? failure = null;
            try
            {
                await ReadAsync();
                MembershipTableData data = Latest!;
                if (change(data) is not MembershipEntry entry)
                {
                    // A write that seemed to fail may have been made, and nobody has been told.
                    if (written is not null)
                        await TellAsync(data, written);
                    return false;
                }

                written = entry;
                if (await WriteAsync(data, entry))
                {
                    await TellAsync(data, entry);
                    return true;
                }

                written = null;
            }
            catch (Exception exception) when (exception is not (OutOfMemoryException or OrleansException))
            {
                LogFailure(logger, exception);
                failure = exception;
            }

            if (time.GetElapsedTime(start) >= limit)
                throw new TimeoutException($"The membership table could not be changed within {limit}.", failure);
            await time.WaitAsync(Backoff(attempt), cancellationToken);
        }
    }

    private async Task ReadAfterAsync(Task running)
    {
        // Out of the caller's lock, which has yet to keep this task.
        await Task.Yield();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        lock (_gate)
        {
            _running = _next!;
            _next = null;
        }

        Latest = await table.ReadAll().WaitAsync(CallLimit, time);
        onRead(Latest);
    }

    private Task<bool> WriteAsync(MembershipTableData data, MembershipEntry entry)
    {
        TableVersion version = data.Version.Next();
        Task<bool> write = data.TryGet(entry.SiloAddress) is var (_, etag)
            ? table.UpdateRow(entry, etag, version)
            : table.InsertRow(entry, version);
        return write.WaitAsync(CallLimit, time);
    }

    /// <summary>Everybody who is not dead, and whoever died by this change, if that still listens.</summary>
    private async Task TellAsync(MembershipTableData data, MembershipEntry changed)
    {
        foreach (var (entry, _) in data.Members)
        {
            if (entry.Status != SiloStatus.Dead && !entry.SiloAddress.Equals(self))
                gossip(entry.SiloAddress);
        }

        try
        {
            await ReadAsync();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The change is made, which is what counts; the next read will bring it.
            LogUnread(logger, changed.SiloAddress, exception);
        }
    }

    private TimeSpan Backoff(int attempt)
    {
        TimeSpan longest = FirstBackoff * Math.Pow(2, Math.Min(attempt, 10));
        lock (_gate)
            return (longest < LongestBackoff ? longest : LongestBackoff) * (0.5 + (_jitter.NextDouble() / 2));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The membership table has failed; the change is tried again.")]
    private static partial void LogFailure(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The membership table could not be read after the change of {Silo}.")]
    private static partial void LogUnread(ILogger logger, SiloAddress silo, Exception exception);
}

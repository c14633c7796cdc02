using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Grains;

/// <summary>
/// Executes the commands of a slot's grain wherever the slot is: here, or on the silo that the slot map names. The grain stays where it was activated
/// until it is idle, and a caller's silo may look for it by an older map.
/// </summary>
/// <param name="executor">Executes on this silo.</param>
/// <param name="store">This silo's.</param>
/// <param name="self">This silo, as the map names it.</param>
/// <param name="map">The slot map; null for a silo alone.</param>
/// <param name="forward">Has another silo execute a batch.</param>
internal sealed class SlotCalls(
    GrainCommands executor, Store store, string self, ISlotMapSource? map, Func<string, RespBatch, int, Task<RespBatch>> forward)
{
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromMilliseconds(20);

    /// <summary>Executes commands on one slot, and gives their replies and whether another silo has executed them.</summary>
    /// <exception cref="TimeoutException">No answer came in time: whether the commands were executed is unknown.</exception>
    public async Task<(RespBatch Replies, bool IsElsewhere)> ExecuteAsync(RespBatch commands, int database, int slot)
    {
        var replies = await executor.ExecuteAsync(commands, database, slot);
        if (map == null || !AreRefused(replies.Bytes)) return (replies, false);
        var time = store.Clock.Provider;
        var started = time.GetTimestamp();
        using var timer = new PeriodicTimer(RetryPeriod, time);
        while (time.GetElapsedTime(started).TotalMilliseconds < store.Config.ClusterNodeTimeoutMs)
        {
            var version = map.Current.Version;
            var owner = map.Current.RangeOf(slot).Owner;
            if (owner != null)
            {
                replies = owner == self ? await executor.ExecuteAsync(commands, database, slot) : await forward(owner, commands, database);
                if (!AreRefused(replies.Bytes)) return (replies, owner != self);
            }

            await TryRefreshAsync(version);
            if (map.Current.Version == version) await timer.WaitForNextTickAsync();
        }

        return (NotServed(replies), false);
    }

    private async Task TryRefreshAsync(long version)
    {
        try
        {
            await map!.RefreshAsync(version);
        }
        catch (Exception)
        {
            // The next attempt is made with the map that there is, until the time is over.
        }
    }

    // Whether none of the commands was executed, because the slot is another silo's. Then all of them are of this slot.
    private static bool AreRefused(ReadOnlySpan<byte> replies)
    {
        if (replies.IsEmpty) return false;
        foreach (var line in replies[..^2].Split("\r\n"u8))
            if (!replies[line].StartsWith("-NOTOWNER "u8)) return false;
        return true;
    }

    private static RespBatch NotServed(RespBatch refused)
    {
        var error = $"-{Encoding.ASCII.GetString(ErrorText.NotServed)}\r\n";
        var count = refused.Bytes.AsSpan().Count("\r\n"u8);
        return new RespBatch(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(error, count))), refused.Resp3);
    }
}

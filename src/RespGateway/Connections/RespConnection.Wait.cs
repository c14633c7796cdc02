using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.RespGateway.Connections;

public sealed partial class RespConnection
{
    private ReplicaWait? _replicaWait;

    // How long a silo is asked to wait for its replicas, before it says how many there are.
    private const int AskForMs = 200;

    // Other silos that the client has written on.
    private readonly HashSet<string> _writtenOn = [];
    private string? _lastWrittenOn;

    // The client's last write, as far as batches before this one go.
    private long _writtenLsn;

    /// <summary>WAIT: replies how many replicas have the client's last write, when they are <paramref name="count"/> or the time is over.</summary>
    internal void WaitForReplicas(long count, long timeoutMs, ref ReplyWriter reply)
    {
        var wait = new ReplicaWait(Math.Max(_writtenLsn, _loop.Worker.WrittenLsn), count, timeoutMs);
        if (MayBlock && _writtenOn.Count > 0)
        {
            BeginReplicaWait(wait);
            AskOthers(wait);
            return;
        }

        var acknowledged = CountReplicas(wait);
        if (acknowledged < count && MayBlock)
        {
            _loop.ReplicaWaits.Add(this);

            // Somebody may have acknowledged it meanwhile.
            acknowledged = CountReplicas(wait);
            if (acknowledged < count)
            {
                BeginReplicaWait(wait);
                return;
            }

            _loop.ReplicaWaits.Remove(this);
        }

        reply.Integer(acknowledged);
    }

    /// <summary>On the connection's loop: ends WAIT if there are enough replicas by now.</summary>
    internal void LookAtReplicas()
    {
        if (_replicaWait is { } wait && CountReplicas(wait) >= wait.Count) EndReplicaWait(wait);
    }

    private void BeginReplicaWait(ReplicaWait wait)
    {
        _replicaWait = wait;
        _loop.ReplicaWaits.Add(this);
        if (wait.TimeoutMs > 0) _timer = _loop.Loop.Schedule(wait.TimeoutMs, () => EndReplicaWait(wait));
    }

    // The least over all silos that the client has written on.
    private int CountReplicas(ReplicaWait wait)
    {
        var least = wait.Others.Count > 0 ? wait.Others.Values.Min() : int.MaxValue;
        if (wait.Lsn == 0 && wait.Others.Count > 0) return least;
        return Math.Min(least, Server.Store.Replication?.CountAcknowledged(wait.Lsn) ?? 0);
    }

    /// <summary>A command of the client, one that writes perhaps, goes to a silo.</summary>
    internal void NoteWrite(CommandRow row, string silo)
    {
        if (silo == _lastWrittenOn || (!row.Is(CommandFlags.Write) && !IsExec(row))) return;
        _lastWrittenOn = silo;
        _writtenOn.Add(silo);
    }

    private void AskOthers(ReplicaWait wait)
    {
        _lastWrittenOn = null;
        foreach (var silo in _writtenOn) wait.Others[silo] = 0;
        foreach (var silo in _writtenOn.ToArray()) Ask(wait, silo, limitMs: 0);
    }

    // Asks a silo at first at once, and then again and again until it has enough or the wait is over.
    private void Ask(ReplicaWait wait, string silo, int limitMs)
    {
        if (Server.Cluster!.Map.Current.Find(silo) != null)
        {
            _ = AskAsync(wait, silo, limitMs);
            return;
        }

        // It has lost its slots, and has nothing to say about what was written there.
        _writtenOn.Remove(silo);
        wait.Others.Remove(silo);
        LookAtReplicas();
    }

    private async Task AskAsync(ReplicaWait wait, string silo, int limitMs)
    {
        int? count = null;
        try
        {
            count = await Server.Cluster!.Messenger!.CountReplicasAsync(silo, wait.Count, limitMs).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Nothing is known of its replicas. It is asked again.
        }

        _loop.Loop.Post(() => TakeCount(wait, silo, count));
    }

    private void TakeCount(ReplicaWait wait, string silo, int? count)
    {
        if (_replicaWait != wait || _transport.IsClosed) return;
        wait.Others[silo] = count ?? 0;
        LookAtReplicas();
        if (_replicaWait != wait || count >= wait.Count) return;
        if (count != null) Ask(wait, silo, AskForMs);
        else _loop.Loop.Schedule(AskForMs, () => Ask(wait, silo, AskForMs));
    }

    // Any thread: CLIENT UNBLOCK.
    private bool RequestUnblock(ReplicaWait wait, bool withError)
    {
        if (!wait.TryEnd()) return false;
        _loop.Loop.Post(() => ReplyToWait(wait, withError));
        return true;
    }

    private void EndReplicaWait(ReplicaWait wait)
    {
        if (wait.TryEnd()) ReplyToWait(wait, withError: false);
    }

    private void ReplyToWait(ReplicaWait wait, bool withError)
    {
        if (_replicaWait != wait || _transport.IsClosed) return;
        _replicaWait = null;
        _loop.ReplicaWaits.Remove(this);
        var writer = new ReplyWriter(ReplyMode == ReplyMode.On ? _transport.Output : _loop.Discard, Resp3);
        if (withError) writer.Error(UnblockedError);
        else writer.Integer(CountReplicas(wait));
        writer.Commit();
        _loop.Discard.Clear();
        WaitEnded(-1);
    }
}

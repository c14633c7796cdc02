namespace OrleansKv.Engine.Replication;

/// <summary>
/// What the state machines of a silo act through: its journal and slots, and the way to other silos and to the map. Everything returns at once;
/// answers come in as further inputs of <see cref="SiloReplication"/>, which is never called from within these methods.
/// </summary>
public interface IReplicationHost
{
    /// <summary>The LSN of the journal's last record; 0 before the first.</summary>
    long JournalEnd { get; }

    /// <summary>Adds records after <paramref name="afterLsn"/> and up to <paramref name="throughLsn"/>, in order: at least one where there is one,
    /// and about <paramref name="maxBytes"/> at most. Several may be one item.</summary>
    /// <returns>False where the journal no longer has the first of them.</returns>
    bool TryRead(long afterLsn, long throughLsn, int maxBytes, List<StreamItem> items);

    /// <summary>Begins to copy the content of a slot that this silo owns, piece by piece while it is written to.</summary>
    ISlotContent Copy(int slot, long epoch);

    /// <summary>What follows from a primary is a new stream, from any record on. Its records concern no slot before <see cref="ApplyPiece"/> or
    /// <see cref="Follow"/> says so.</summary>
    void BeginStream(string primary);

    /// <summary>Applies records of a primary, each whole; but nothing to slots that they do not concern.</summary>
    void ApplyRecords(string primary, StreamItem records);

    /// <summary>Applies a piece of a slot's content, as a primary has it. After the last one, its records behind the piece concern the slot.</summary>
    void ApplyPiece(string primary, StreamItem piece);

    /// <summary>The slot was frozen here, and is a copy from now on: its content stays.</summary>
    void Keep(int slot, long epoch);

    /// <summary>A primary's records behind an LSN concern the slot, which is a copy.</summary>
    void Follow(string primary, int slot, long sinceLsn);

    /// <summary>The slot is this silo's, and will be served; it may be copied to others before that.</summary>
    void HoldBack(int slot);

    /// <summary>From now on, clients are served from this slot, with the content it has. Its effects so far are none of this silo's journal.</summary>
    void Serve(int slot, long epoch);

    /// <summary>Ends <see cref="Freeze"/>, as if it had not been.</summary>
    void Thaw(int slot);

    /// <summary>Clients are not served from this slot any more; its content stays. On return no command is at work on it.</summary>
    void Freeze(int slot);

    /// <summary>The slot's content goes: it is not served here, and no copy either.</summary>
    void Drop(int slot);

    void Send(string replica, ReplicateRequest request);

    void Report(InSyncReport report);

    void Report(MoveReport report);

    /// <summary>A map newer than this one is wanted.</summary>
    void RefreshMap(long staleVersion);

    /// <summary>The map no longer knows this incarnation: it was declared dead. Clients are closed; the process starts again as a new one.</summary>
    void OnDeclaredDead();
}

/// <summary>The content of a slot on its way to a replica. It is let go before its last piece where the copy is not wanted any more.</summary>
public interface ISlotContent : IDisposable
{
    /// <summary>The next piece, up to the one that is the last. All together are the slot as it is when the last is taken: with all effects up to that
    /// one's LSN, the journal's end then, and none after.</summary>
    StreamItem Next();
}

using OrleansKv.Contracts;

namespace OrleansKv.Engine.Replication;

/// <summary>What a stream carries: consecutive records of the primary's journal, or a piece of the content of one of its slots.</summary>
/// <param name="Lsn">Of the last of the records; of a piece, the last record whose effects are in it.</param>
/// <param name="Slot">Of a piece; -1 for records.</param>
/// <param name="Epoch">Of a piece: the slot's, under which the sender owns it.</param>
/// <param name="Position">Which piece of the slot's content this is.</param>
/// <param name="Bytes">Opaque to replication.</param>
public readonly record struct StreamItem(long Lsn, int Slot, long Epoch, PiecePosition Position, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Bytes that an item counts for beside its own.</summary>
    private const int Overhead = 32;

    public bool IsRecord => Slot < 0;

    /// <summary>What it counts for in windows and batches.</summary>
    public int Size => Bytes.Length + Overhead;

    public static StreamItem Record(long lsn, ReadOnlyMemory<byte> bytes) => new(lsn, -1, 0, PiecePosition.Whole, bytes);
}

/// <summary>Where a piece stands in the content of its slot: at the first, what the replica had is gone; after the last, the copy is complete.</summary>
[Flags]
public enum PiecePosition : byte
{
    Middle = 0,
    First = 1,
    Last = 2,
    Whole = First | Last,

    /// <summary>No piece: what the replica keeps of the slot is its content, and records behind the LSN concern it.</summary>
    Kept = 4,
}

/// <summary>Primary to replica: items of a stream, or none, to ask for a promise.</summary>
/// <param name="Primary">The sender.</param>
/// <param name="MapVersion">The sender's map. A replica that knows less does nothing before it knows as much.</param>
/// <param name="Session">Names the stream together with the sender: higher ones replace lower ones, and begin with a copy of everything.</param>
/// <param name="Sequence">Of the first item, from 0 within the session.</param>
/// <param name="Number">Grows with every request of the session; it comes back in the reply.</param>
/// <param name="SentMs">The sender's clock, for its own use: it comes back in the reply.</param>
/// <param name="Items">In order, without gaps.</param>
public sealed record ReplicateRequest(
    string Primary, long MapVersion, long Session, long Sequence, long Number, long SentMs, IReadOnlyList<StreamItem> Items);

/// <summary>Replica to primary.</summary>
/// <param name="Session">The request's.</param>
/// <param name="MapVersion">The replica's map.</param>
/// <param name="NextSequence">Every item before it is applied; -1 where the replica cannot continue the session.</param>
/// <param name="Number">The request's.</param>
/// <param name="SentMs">The request's.</param>
/// <param name="IsPromise">The replica takes none of the primary's slots over for <see cref="ReplicationOptions.LeaseMs"/>, counted from when the
/// request was sent.</param>
public readonly record struct ReplicateReply(
    long Session, long MapVersion, long NextSequence, long Number, long SentMs, bool IsPromise);

/// <summary>
/// Primary to map: these, and no others, are in sync; with -1 those that only keep slots which they gave it. Takes effect only on the very version
/// that it names, and makes a new version even where it changes nothing: whoever then knows a later version knows that the report can no longer take
/// effect.
/// </summary>
public sealed record InSyncReport(string Primary, long Version, IReadOnlyList<SyncedCopy> InSync);

/// <summary>Primary to map: the slots, which are frozen here and complete there, are the target's. Compare-and-set as <see cref="InSyncReport"/>.</summary>
public sealed record MoveReport(string Primary, long Version, int First, int Last, string Target);

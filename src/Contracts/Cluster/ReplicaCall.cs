using Orleans;

namespace OrleansKv.Contracts;

/// <summary>Primary to replica: a part of its stream, or nothing, to ask for a promise. Whoever makes one never changes the bytes after it.</summary>
/// <param name="Primary">The sender's incarnation.</param>
/// <param name="MapVersion">The sender's map.</param>
/// <param name="Session">Names the stream together with the sender.</param>
/// <param name="Sequence">Of the first item, from 0 within the session.</param>
/// <param name="Number">Grows with every call of the session; comes back in the answer.</param>
/// <param name="SentMs">The sender's clock; comes back in the answer.</param>
/// <param name="Items">In order, without gaps.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.ReplicaCall")]
public sealed record ReplicaCall(
    [property: Id(0)] string Primary,
    [property: Id(1)] long MapVersion,
    [property: Id(2)] long Session,
    [property: Id(3)] long Sequence,
    [property: Id(4)] long Number,
    [property: Id(5)] long SentMs,
    [property: Id(6)] ReplicaItem[] Items);

/// <summary>Records of the sender's journal, or a piece of the content of one of its slots.</summary>
/// <param name="Lsn">Of the last record; of a piece, the last record whose effects are in it.</param>
/// <param name="Slot">Of a piece; -1 for records.</param>
/// <param name="Epoch">Of a piece: the version of the map that made the sender its slot's owner.</param>
/// <param name="Position">
/// Of a piece: 1 for the first, 2 for the last, 3 for both, 0 between them; 4 for none, of a slot that is kept. <see cref="InParts"/> beside it.
/// </param>
/// <param name="Bytes">The records or the piece, in the engine's format of records.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.ReplicaItem")]
public readonly record struct ReplicaItem(
    [property: Id(0)] long Lsn,
    [property: Id(1)] int Slot,
    [property: Id(2)] long Epoch,
    [property: Id(3)] byte Position,
    [property: Id(4)] byte[] Bytes)
{
    /// <summary>In <see cref="Position"/>: the bytes are not here, but came before, in parts.</summary>
    public const byte InParts = 0x80;
}

/// <summary>Primary to replica: some bytes of an item.</summary>
/// <param name="Primary">The sender's incarnation.</param>
/// <param name="Session">The item's.</param>
/// <param name="Sequence">The item's.</param>
/// <param name="TotalBytes">Of the item.</param>
/// <param name="Offset">Of the first of these bytes in the item.</param>
/// <param name="Bytes">At least one.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.ReplicaPart")]
public sealed record ReplicaPart(
    [property: Id(0)] string Primary,
    [property: Id(1)] long Session,
    [property: Id(2)] long Sequence,
    [property: Id(3)] int TotalBytes,
    [property: Id(4)] int Offset,
    [property: Id(5)] byte[] Bytes);

/// <summary>Replica to primary.</summary>
/// <param name="Session">The call's.</param>
/// <param name="MapVersion">The replica's map.</param>
/// <param name="NextSequence">Every item before it is applied; -1 where the replica cannot continue the session.</param>
/// <param name="Number">The call's.</param>
/// <param name="SentMs">The call's.</param>
/// <param name="IsPromise">The replica takes none of the primary's slots over for the time of a lease, counted from when the call was sent.</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.ReplicaAnswer")]
public readonly record struct ReplicaAnswer(
    [property: Id(0)] long Session,
    [property: Id(1)] long MapVersion,
    [property: Id(2)] long NextSequence,
    [property: Id(3)] long Number,
    [property: Id(4)] long SentMs,
    [property: Id(5)] bool IsPromise);

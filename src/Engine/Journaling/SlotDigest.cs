using System.Buffers.Binary;
using System.Security.Cryptography;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Journaling;

/// <summary>
/// A fingerprint of slots, equal where they hold equal keys with equal values that expire at the same time, whatever their encodings: what tells
/// whether a copy is one.
/// </summary>
public static class SlotDigest
{
    /// <summary>Bytes of a digest.</summary>
    public const int Bytes = ValueDigest.Bytes;

    /// <summary>The digest of a store in hexadecimal digits. Takes one slot's lock after the other.</summary>
    public static string Of(Store store)
    {
        Span<byte> digest = stackalloc byte[Bytes];
        digest.Clear();
        foreach (var slot in store.Slots)
        {
            slot.Lock.Enter();
            try
            {
                Xor(slot, digest);
            }
            finally
            {
                slot.Lock.Exit();
            }
        }

        return Convert.ToHexStringLower(digest);
    }

    /// <summary>Combines the digest of a slot, in all databases, with the digest so far. Under the slot lock.</summary>
    public static unsafe void Xor(Slot slot, Span<byte> digest)
    {
        for (var database = 0; database < slot.DatabaseCount; database++)
        {
            if (slot.TryGet(database) is not { } keyspace) continue;
            foreach (var block in keyspace) XorKey(database, keyspace, SlotKeyspace.EntryAt((nint)block), digest);
        }
    }

    private static void XorKey(int database, SlotKeyspace keyspace, Entry entry, Span<byte> digest)
    {
        // Databases and times are mixed with the key's own digest, so that two keys cannot exchange them unseen.
        Span<byte> mixed = stackalloc byte[Bytes + sizeof(long)];
        mixed.Clear();
        ValueDigest.XorKey(database, keyspace, entry, mixed[..Bytes]);
        BinaryPrimitives.WriteInt64LittleEndian(mixed[Bytes..], entry.HasExpire ? entry.ExpireAtMs : -1);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(mixed, hash);
        for (var i = 0; i < Bytes; i++) digest[i] ^= hash[i];
    }
}

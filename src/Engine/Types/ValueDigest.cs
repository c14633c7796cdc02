using System.Security.Cryptography;
using OrleansKv.Engine.Keyspace;

namespace OrleansKv.Engine.Types;

/// <summary>
/// A fingerprint of what keys hold, equal for equal contents whatever their encoding, and for hashes and sets whatever their order: what
/// DEBUG DIGEST and DEBUG DIGEST-VALUE give. Under the slot lock.
/// </summary>
/// <remarks>As in Redis, ordered parts are mixed one after the other, unordered ones are combined by exclusive or. The digests themselves are
/// not Redis's: they are the first 20 bytes of SHA-256.</remarks>
public static class ValueDigest
{
    public const int Bytes = 20;

    /// <summary>The digest of a key's value and of whether it expires.</summary>
    public static void OfValue(SlotKeyspace keyspace, Entry entry, Span<byte> digest)
    {
        digest[..Bytes].Clear();
        Mix(digest, [(byte)entry.Type]);
        if (entry.Type == KeyType.String)
        {
            Mix(digest, entry.Value);
        }
        else
        {
            MixContents(keyspace.CollectionOf(entry), digest);
        }

        if (entry.HasExpire) XorWith(digest, "!!expire!!"u8);
    }

    /// <summary>The digest of a key with its database, its name and its value, combined with the digest so far.</summary>
    public static void XorKey(int database, SlotKeyspace keyspace, Entry entry, Span<byte> digest)
    {
        Span<byte> one = stackalloc byte[Bytes];
        Span<byte> value = stackalloc byte[Bytes];
        one.Clear();
        Mix(one, [(byte)database, (byte)(database >> 8)]);
        Mix(one, entry.Key);
        OfValue(keyspace, entry, value);
        Mix(one, value);
        for (var i = 0; i < Bytes; i++) digest[i] ^= one[i];
    }

    private static void MixContents(Collection value, Span<byte> digest)
    {
        switch (value)
        {
            case ListValue list: MixList(list, digest); break;
            case HashValue hash: MixHash(hash, digest); break;
            case SetValue set: MixSet(set, digest); break;
            case SortedSet sorted: MixSortedSet(sorted, digest); break;
        }
    }

    private static void MixList(ListValue list, Span<byte> digest)
    {
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        for (var cursor = list.Start(backwards: false); !cursor.IsEnd; list.Step(ref cursor, backwards: false)) Mix(digest, list.Get(cursor, scratch));
    }

    private static void MixHash(HashValue hash, Span<byte> digest)
    {
        Span<byte> scratch = stackalloc byte[2 * HashValue.ScratchBytes];
        Span<byte> one = stackalloc byte[Bytes];
        for (var fields = hash.Fields(scratch); fields.MoveNext();)
        {
            one.Clear();
            Mix(one, fields.Field);
            Mix(one, fields.Value);
            XorWith(digest, one);
        }
    }

    private static void MixSet(SetValue set, Span<byte> digest)
    {
        Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
        for (var members = set.Members(scratch); members.MoveNext();) XorWith(digest, members.Current);
    }

    private static void MixSortedSet(SortedSet set, Span<byte> digest)
    {
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        Span<byte> one = stackalloc byte[Bytes];
        var members = set.Read(new RankRange(0, set.Count), reverse: false, scratch);
        while (members.MoveNext())
        {
            one.Clear();
            Mix(one, members.Member);

            // Minus zero, which the compact encoding does not know, is the same score as zero.
            Mix(one, BitConverter.GetBytes(members.Score + 0.0));
            XorWith(digest, one);
        }
    }

    // What is mixed later depends on what was mixed before.
    private static void Mix(Span<byte> digest, scoped ReadOnlySpan<byte> data)
    {
        XorWith(digest, data);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(digest[..Bytes], hash);
        hash[..Bytes].CopyTo(digest);
    }

    private static void XorWith(Span<byte> digest, scoped ReadOnlySpan<byte> data)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        for (var i = 0; i < Bytes; i++) digest[i] ^= hash[i];
    }
}

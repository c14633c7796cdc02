using System.Buffers.Binary;

namespace OrleansKv.Simulation;

/// <summary>What a simulated slot holds: how often it was incremented, and a hash over who did, which tells histories apart.</summary>
internal readonly record struct Counter(long Count, ulong Hash)
{
    public Counter Increment(int operation) => new(Count + 1, (Hash ^ (uint)operation) * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019);
}

/// <summary>
/// A journal's record: increments of some slots, with what each must give. Applied twice, or with one missing before it, it does not. One of every slot,
/// as FLUSHALL's, is for all slots that its silo had then, and is applied to all that follow it.
/// </summary>
internal static class CounterRecord
{
    private const int EntryBytes = 4 + 4 + 8 + 8;

    public static byte[] Write(ReadOnlySpan<(int Slot, int Operation, Counter Result)> entries, bool isOfEverySlot)
    {
        var bytes = new byte[entries.Length * EntryBytes + (isOfEverySlot ? 1 : 0)];
        for (var i = 0; i < entries.Length; i++)
        {
            var to = bytes.AsSpan(i * EntryBytes);
            BinaryPrimitives.WriteInt32LittleEndian(to, entries[i].Slot);
            BinaryPrimitives.WriteInt32LittleEndian(to[4..], entries[i].Operation);
            WriteCounter(to[8..], entries[i].Result);
        }

        return bytes;
    }

    public static IEnumerable<(int Slot, int Operation, Counter Result)> Read(ReadOnlyMemory<byte> bytes)
    {
        for (var at = 0; at + EntryBytes <= bytes.Length; at += EntryBytes)
        {
            var from = bytes.Span[at..];
            yield return (BinaryPrimitives.ReadInt32LittleEndian(from), BinaryPrimitives.ReadInt32LittleEndian(from[4..]), ReadCounter(from[8..]));
        }
    }

    public static bool IsOfEverySlot(ReadOnlyMemory<byte> bytes) => bytes.Length % EntryBytes != 0;

    public static void WriteCounter(Span<byte> to, Counter counter)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to, counter.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], counter.Hash);
    }

    public static Counter ReadCounter(ReadOnlySpan<byte> from) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(from), BinaryPrimitives.ReadUInt64LittleEndian(from[8..]));
}

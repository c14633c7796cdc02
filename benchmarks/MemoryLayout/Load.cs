using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansKv.MemoryLayout;

/// <summary>
/// The work: two threads fill the store and then read, overwrite and replace keys at random. The ids of the live keys are kept in native
/// memory, touched before the first measurement, so that they count in no layout.
/// </summary>
internal sealed unsafe class Load
{
    public const int ThreadCount = 2;

    /// <summary>A client that sends 200,000 operations a second to each thread, whatever the last one took.</summary>
    private const long ClientIntervalNs = 5_000;

    private const int ValueLength = 64;
    private const int LengthSpread = 16;
    private readonly KeyStore _store;
    private readonly uint* _ids;
    private readonly int _keyCount;
    private readonly int _seed;
    private long _misses;

    public Load(KeyStore store, int keyCount, int seed)
    {
        _store = store;
        _keyCount = keyCount;
        _seed = seed;
        _ids = (uint*)NativeMemory.Alloc((nuint)keyCount, sizeof(uint));
        for (int i = 0; i < keyCount; i++)
        {
            _ids[i] = (uint)i;
        }
    }

    public long Misses => _misses;

    public void Fill(Action poll) => Run(poll, FillShare);

    /// <summary>Latencies as each operation took, and as a client of a constant rate would see them.</summary>
    public (LatencyHistogram PerOperation, LatencyHistogram AtRate) Steady(TimeSpan duration, Action poll)
    {
        LatencyHistogram perOperation = new();
        LatencyHistogram atRate = new();
        long end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        Run(poll, thread =>
        {
            LatencyHistogram own = new();
            LatencyHistogram ownAtRate = new();
            SteadyShare(thread, end, own, ownAtRate);
            lock (perOperation)
            {
                perOperation.Add(own);
                atRate.Add(ownAtRate);
            }
        });
        return (perOperation, atRate);
    }

    private static void Run(Action poll, Action<int> share)
    {
        Thread[] threads = [.. Enumerable.Range(0, ThreadCount).Select(i => new Thread(() => share(i)))];
        Array.ForEach(threads, t => t.Start());
        foreach (Thread thread in threads)
        {
            while (!thread.Join(millisecondsTimeout: 5))
            {
                poll();
            }
        }
        poll();
    }

    private void FillShare(int thread)
    {
        Span<byte> keyBuffer = stackalloc byte[24];
        Span<byte> value = stackalloc byte[ValueLength];
        value.Fill((byte)'v');
        for (int i = thread; i < _keyCount; i += ThreadCount)
        {
            Span<byte> key = WriteKey(keyBuffer, (uint)i);
            _store.Set(key, KeyStore.Hash(key), value);
        }
    }

    /// <summary>80 % reads of any key, 15 % overwrites with another length, 5 % a key deleted and a new one inserted.</summary>
    private void SteadyShare(int thread, long end, LatencyHistogram perOperation, LatencyHistogram atRate)
    {
        Random random = new(_seed + thread);
        Span<byte> keyBuffer = stackalloc byte[24];
        Span<byte> value = stackalloc byte[ValueLength + LengthSpread];
        value.Fill((byte)'w');
        Span<byte> destination = stackalloc byte[ValueLength + LengthSpread];
        int share = _keyCount / ThreadCount;
        uint nextId = (uint)(1_000_000_000 + (thread * 1_000_000_000));
        long misses = 0;
        long nsPerTick = 1_000_000_000 / Stopwatch.Frequency;
        long clientInterval = ClientIntervalNs / nsPerTick;
        long before = Stopwatch.GetTimestamp();
        long dueAt = before;
        while (before < end)
        {
            int choice = random.Next(100);
            int index = choice < 80 ? random.Next(_keyCount) : (thread * share) + random.Next(share);
            Span<byte> key = WriteKey(keyBuffer, _ids[index]);
            ulong hash = KeyStore.Hash(key);
            if (choice < 80)
            {
                misses += _store.Get(key, hash, destination) < 0 ? 1 : 0;
            }
            else
            {
                int length = ValueLength;
                if (choice < 95)
                {
                    length += random.Next(-LengthSpread, LengthSpread + 1);
                }
                else
                {
                    _store.Delete(key, hash);
                    _ids[index] = nextId;
                    key = WriteKey(keyBuffer, nextId++);
                    hash = KeyStore.Hash(key);
                }
                _store.Set(key, hash, value[..length]);
            }
            // From the end of one operation to the end of the next, so that no pause falls between two measurements.
            long after = Stopwatch.GetTimestamp();
            long durationNs = (after - before) * nsPerTick;
            perOperation.Record(durationNs);
            // What falls due during a long operation waits for its end: else a pause of a second would count as one slow operation.
            for (; dueAt <= after; dueAt += clientInterval)
            {
                atRate.Record((after - dueAt) * nsPerTick);
            }
            before = after;
        }
        Interlocked.Add(ref _misses, misses);
    }

    /// <summary>"key:" and 12 to 16 digits.</summary>
    private static Span<byte> WriteKey(Span<byte> buffer, uint id)
    {
        int length = 16 + (int)(id % 5);
        "key:"u8.CopyTo(buffer);
        for (int i = length - 1; i >= 4; i--)
        {
            buffer[i] = (byte)('0' + (id % 10));
            id /= 10;
        }
        return buffer[..length];
    }
}

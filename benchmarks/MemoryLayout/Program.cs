// What it costs to keep keys and values in managed objects or in native blocks: resident memory, collection pauses, latency.
//   memory-layout LAYOUT KEYS [SECONDS [SEED]]      LAYOUT: managed-entry, managed-array, slab-8, slab-4, malloc
// One process measures one layout and prints one row of the table in docs/adr/0001; benchmarks/MemoryLayout/run prints the whole table.
using System.Diagnostics;
using System.Globalization;
using OrleansKv.MemoryLayout;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["--header"])
{
    Console.WriteLine("| layout | keys | RSS MB | bytes/key | fill s | fill pause ms total | max | gen0/1/2 "
        + "| Mop/s | p50 µs | p99 | p99.9 | max ms | p99.9 µs at 200k/s | pause ms total | max | gen0/1/2 | RSS MB at end | full GC ms |");
    Console.WriteLine("|" + string.Concat(Enumerable.Repeat("---|", 19)));
    return 0;
}
if (args.Length is < 2 or > 4 || !int.TryParse(args[1], out int keyCount))
{
    Console.Error.WriteLine("usage: memory-layout managed-entry|managed-array|slab-8|slab-4|malloc KEYS [SECONDS [SEED]]");
    return 1;
}
int seconds = args.Length > 2 ? int.Parse(args[2]) : 20;
int seed = args.Length > 3 ? int.Parse(args[3]) : 1;

// The machinery is compiled and its own memory touched on a small store first, so that the baseline holds it.
Load warmUp = new(KeyStore.Create(args[0]), keyCount: 20_000, seed);
warmUp.Fill(static () => { });
warmUp.Steady(TimeSpan.FromSeconds(1), static () => { });

Load load = new(KeyStore.Create(args[0]), keyCount, seed);
GC.Collect();
double baselineMb = ResidentMb();

GcWatch fillGc = new();
long fillStart = Stopwatch.GetTimestamp();
load.Fill(fillGc.Poll);
double fillSeconds = Stopwatch.GetElapsedTime(fillStart).TotalSeconds;
double filledMb = ResidentMb() - baselineMb;

load.Steady(TimeSpan.FromSeconds(2), static () => { });
GcWatch steadyGc = new();
(LatencyHistogram latency, LatencyHistogram atRate) = load.Steady(TimeSpan.FromSeconds(seconds), steadyGc.Poll);
double endMb = ResidentMb() - baselineMb;
string steadyPauses = steadyGc.Describe();

long collectStart = Stopwatch.GetTimestamp();
GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
double collectMs = Stopwatch.GetElapsedTime(collectStart).TotalMilliseconds;

Console.WriteLine($"| {args[0]} | {keyCount} | {filledMb:F0} | {filledMb * 1048576 / keyCount:F0} | {fillSeconds:F1} | {fillGc.Describe()} "
    + $"| {latency.Total / 1e6 / seconds:F2} | {latency.PercentileUs(50):F2} | {latency.PercentileUs(99):F2} | {latency.PercentileUs(99.9):F2} "
    + $"| {latency.MaxNs / 1e6:F1} | {atRate.PercentileUs(99.9):F1} | {steadyPauses} | {endMb:F0} | {collectMs:F0} |");
if (load.Misses > latency.Total / 1000)
{
    Console.Error.WriteLine($"{load.Misses} reads found nothing: the store loses keys");
    return 1;
}
return 0;

static double ResidentMb()
{
    string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
    return double.Parse(line.AsSpan(6).Trim().TrimEnd("kB").Trim()) / 1024;
}

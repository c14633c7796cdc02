using BenchmarkDotNet.Attributes;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Micro;

/// <summary>What the command benchmarks share: a store that the class fills once.</summary>
public abstract class CommandBenchmarks : IDisposable
{
    private readonly CommandLoop _loop;

    /// <param name="isJournaled">Whether what commands do is recorded.</param>
    protected CommandBenchmarks(bool isJournaled = false) => _loop = new CommandLoop(isJournaled);

    [GlobalSetup]
    public void Fill()
    {
        foreach (string line in Preparation)
            _loop.Run(CommandLoop.Prepare(line));
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _loop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>The commands that make the keys.</summary>
    protected abstract IEnumerable<string> Preparation { get; }

    protected static ArgumentList Command(string line) => CommandLoop.Prepare(line);

    protected long Run(ArgumentList command) => _loop.Run(command);
}

public class Strings : CommandBenchmarks
{
    private static readonly string Value = new('x', 64);

    private readonly ArgumentList _get = Command("GET key");
    private readonly ArgumentList _miss = Command("GET nothing");
    private readonly ArgumentList _set = Command($"SET key {Value}");
    private readonly ArgumentList _incr = Command("INCR counter");
    private readonly ArgumentList _mset = Command(string.Join(' ', Enumerable.Range(0, 10).Select(i => $"key:{i} {Value}").Prepend("MSET")));
    private readonly ArgumentList _setNew = Command($"SET new {Value}");
    private readonly ArgumentList _del = Command("DEL new");

    protected override IEnumerable<string> Preparation => [$"SET key {Value}", "SET counter 1"];

    [Benchmark]
    public long Get() => Run(_get);

    [Benchmark]
    public long GetMiss() => Run(_miss);

    [Benchmark]
    public long SetSameLength() => Run(_set);

    [Benchmark]
    public long SetNewThenDel() => Run(_setNew) + Run(_del);

    [Benchmark]
    public long Incr() => Run(_incr);

    [Benchmark]
    public long MSet10() => Run(_mset);
}

/// <summary>The same as among <see cref="Strings"/>, with a journal: the difference is what it costs.</summary>
public class JournaledStrings() : CommandBenchmarks(isJournaled: true)
{
    private readonly ArgumentList _get = Command("GET key");
    private readonly ArgumentList _set = Command($"SET key {new string('x', 64)}");
    private readonly ArgumentList _incr = Command("INCR counter");

    protected override IEnumerable<string> Preparation => [$"SET key {new string('x', 64)}", "SET counter 1"];

    [Benchmark]
    public long Get() => Run(_get);

    [Benchmark]
    public long SetSameLength() => Run(_set);

    [Benchmark]
    public long Incr() => Run(_incr);
}

public class Lists : CommandBenchmarks
{
    private readonly ArgumentList _push = Command("LPUSH queue element");
    private readonly ArgumentList _pop = Command("RPOP queue");
    private readonly ArgumentList _range = Command("LRANGE list 0 99");
    private readonly ArgumentList _index = Command("LINDEX list 500");

    protected override IEnumerable<string> Preparation =>
        ["LPUSH queue first", .. Enumerable.Range(0, 1000).Select(i => $"RPUSH list element:{i}")];

    [Benchmark]
    public long PushThenPop() => Run(_push) + Run(_pop);

    [Benchmark]
    public long Range100() => Run(_range);

    [Benchmark]
    public long IndexInTheMiddle() => Run(_index);
}

public class Hashes : CommandBenchmarks
{
    private readonly ArgumentList _set = Command("HSET big field:500 another");
    private readonly ArgumentList _get = Command("HGET big field:500");
    private readonly ArgumentList _getCompact = Command("HGET small field:50");
    private readonly ArgumentList _all = Command("HGETALL small");

    protected override IEnumerable<string> Preparation =>
    [
        .. Enumerable.Range(0, 1000).Select(i => $"HSET big field:{i} value:{i}"),
        .. Enumerable.Range(0, 100).Select(i => $"HSET small field:{i} value:{i}"),
    ];

    [Benchmark]
    public long Set() => Run(_set);

    [Benchmark]
    public long Get() => Run(_get);

    [Benchmark]
    public long GetCompact() => Run(_getCompact);

    [Benchmark]
    public long GetAll100() => Run(_all);
}

public class Sets : CommandBenchmarks
{
    private readonly ArgumentList _add = Command("SADD big member:500");
    private readonly ArgumentList _isMember = Command("SISMEMBER big member:500");
    private readonly ArgumentList _isInteger = Command("SISMEMBER integers 250");
    private readonly ArgumentList _inter = Command("SINTER integers evens");

    protected override IEnumerable<string> Preparation =>
    [
        .. Enumerable.Range(0, 1000).Select(i => $"SADD big member:{i}"),
        .. Enumerable.Range(0, 500).Select(i => $"SADD integers {i}"),
        .. Enumerable.Range(0, 250).Select(i => $"SADD evens {2 * i}"),
    ];

    [Benchmark]
    public long AddExisting() => Run(_add);

    [Benchmark]
    public long IsMember() => Run(_isMember);

    [Benchmark]
    public long IsMemberOfIntegers() => Run(_isInteger);

    [Benchmark]
    public long Inter250() => Run(_inter);
}

public class SortedSets : CommandBenchmarks
{
    private readonly ArgumentList _low = Command("ZADD big 1 member:500");
    private readonly ArgumentList _high = Command("ZADD big 900 member:500");
    private readonly ArgumentList _score = Command("ZSCORE big member:500");
    private readonly ArgumentList _rank = Command("ZRANK big member:700");
    private readonly ArgumentList _range = Command("ZRANGEBYSCORE big 400 410");

    protected override IEnumerable<string> Preparation => Enumerable.Range(0, 1000).Select(i => $"ZADD big {i} member:{i}");

    [Benchmark]
    public long MoveTwice() => Run(_low) + Run(_high);

    [Benchmark]
    public long Score() => Run(_score);

    [Benchmark]
    public long Rank() => Run(_rank);

    [Benchmark]
    public long RangeOf10() => Run(_range);
}

using System.Net.Sockets;
using OrleansKv.Support;

namespace OrleansKv.Oracle;

/// <summary>
/// Does a sequence of steps to both servers from an empty keyspace on and returns the first difference. Plain commands travel in pipelines;
/// a change of connection, or a step that needs the replies so far, ends a pipeline.
/// </summary>
internal sealed class SequenceRunner(int oraclePort, int subjectPort, bool resp3) : IDisposable
{
    private const int PipelineDepth = 64;
    private const int Connections = 4;
    private const int ConditionTimeoutMs = 5_000;

    private static readonly string[] EmptySteps = [];

    private readonly List<Step> _sent = [];
    private readonly Pair?[] _pairs = new Pair?[Connections];

    public static Mismatch? Run(int oraclePort, int subjectPort, bool resp3, IEnumerable<Unit> units)
    {
        using var runner = new SequenceRunner(oraclePort, subjectPort, resp3);
        Step? current = null;
        try
        {
            runner.Connection(0).Call("FLUSHALL");
            using var events = new EventCheck(oraclePort, subjectPort);
            foreach (Step step in units.SelectMany(unit => unit.Steps))
            {
                current = step;
                if (runner.Take(step) is Mismatch mismatch)
                    return mismatch;
            }
            if (runner.Drain() is Mismatch last)
                return last;
            current = null;
            // On a connection of its own: the sequence may have left the others inside a transaction.
            using var fresh = new Pair(oraclePort, subjectPort, resp3);
            return KeyspaceCheck.Run(fresh) ?? events.Compare();
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            string last = string.Join(" | ", runner._sent.TakeLast(3));
            return new Mismatch($"{current?.ToString() ?? "the comparison at the end"}", "a reply", $"{e.Message} (not yet answered: {last})");
        }
    }

    public void Dispose()
    {
        foreach (Pair? pair in _pairs)
            pair?.Dispose();
    }

    private Pair Connection(int number) => _pairs[number] ??= new Pair(oraclePort, subjectPort, resp3);

    private Mismatch? Take(Step step)
    {
        Match match = step.Kind == StepKind.Command ? Matching.Of(step.Args) : Match.Exact;
        bool alone = step.Kind != StepKind.Command || match is Match.Scan or Match.Random;
        bool full = _sent.Count > 0 && (_sent[0].Connection != step.Connection || _sent.Count == PipelineDepth);
        if ((alone || full) && Drain() is Mismatch mismatch)
            return mismatch;
        Pair pair = Connection(step.Connection);
        if (alone)
            return TakeAlone(step, match, pair);
        pair.Send(step.Args);
        _sent.Add(step);
        return null;
    }

    private Mismatch? Drain()
    {
        if (_sent.Count == 0)
            return null;
        Pair pair = Connection(_sent[0].Connection);
        pair.Flush();
        while (_sent.Count > 0)
        {
            (RespValue expected, RespValue actual) = pair.Read();
            Step step = _sent[0];
            _sent.RemoveAt(0);
            if (Compare(pair, step.Args, expected, actual) is false)
                return new Mismatch(step.ToString(), expected.ToString(), actual.ToString());
        }
        return null;
    }

    private Mismatch? TakeAlone(Step step, Match match, Pair pair)
    {
        switch (step.Kind)
        {
            case StepKind.Start:
                pair.Send(step.Args);
                pair.Flush();
                pair.Waiting = step.Args;
                return null;
            case StepKind.AwaitBlocked:
                return AwaitBlocked(pair, step);
            case StepKind.Finish:
                string[] waiting = pair.Waiting ?? EmptySteps;
                (RespValue expected, RespValue actual) = pair.Read();
                return Matching.Same(Matching.Of(waiting), expected, actual)
                    ? null
                    : new Mismatch(string.Join(' ', waiting), expected.ToString(), actual.ToString());
            case StepKind.AwaitExpired:
                return AwaitExpired(pair, step);
            default:
                // Inside a transaction there is only QUEUED to compare.
                if (pair.Queued is not null)
                    return Queue(pair, step);
                return match == Match.Scan ? ScanCheck.Run(pair, step.Args, step.ToString()) : RandomCheck.Run(pair, step.Args, step.ToString());
        }
    }

    private static Mismatch? Queue(Pair pair, Step step)
    {
        (RespValue expected, RespValue actual) = pair.Call(step.Args);
        return Compare(pair, step.Args, expected, actual) ? null : new Mismatch(step.ToString(), expected.ToString(), actual.ToString());
    }

    private static bool Compare(Pair pair, string[] args, RespValue expected, RespValue actual)
    {
        string name = args[0].ToUpperInvariant();
        if (name == "MULTI" && expected is { IsError: false })
            pair.Queued = [];
        List<string[]>? queued = pair.Queued;
        if (queued is not null && expected is { Kind: RespKind.SimpleString, Text: "QUEUED" })
        {
            queued.Add(args);
            return Matching.Same(Match.Exact, expected, actual);
        }
        if (name is "EXEC" or "DISCARD" && args.Length == 1)
            pair.Queued = null;
        if (name != "EXEC" || expected.Kind != RespKind.Array || queued is null)
            return Matching.Same(Matching.Of(args), expected, actual);
        if (actual.Kind != RespKind.Array || actual.Items.Count != expected.Items.Count || queued.Count != expected.Items.Count)
            return false;
        return queued.Select((command, i) => Matching.Same(InTransaction(command), expected.Items[i], actual.Items[i])).All(same => same);
    }

    // One page of a scan from inside a transaction says nothing that both servers must agree on.
    private static Match InTransaction(string[] command) => Matching.Of(command) is Match.Scan ? Match.TypeOnly : Matching.Of(command);

    private static Mismatch? AwaitBlocked(Pair pair, Step step)
    {
        string line = $"blocked_clients:{step.Args[0]}\r\n";
        string Info(RespClient client) => client.Call("INFO", "clients").Text;
        if (!Wait.Until(() => Info(pair.Oracle).Contains(line, StringComparison.Ordinal), ConditionTimeoutMs))
            throw new IOException($"the oracle never had {step.Args[0]} blocked clients");
        return Wait.Until(() => Info(pair.Subject).Contains(line, StringComparison.Ordinal), ConditionTimeoutMs)
            ? null
            : new Mismatch($"INFO clients while {step.Args[0]} should wait", line.Trim(), Info(pair.Subject));
    }

    private static Mismatch? AwaitExpired(Pair pair, Step step)
    {
        bool IsGone(RespClient client) => client.Call("EXISTS", step.Args[0]).Text == "0";
        if (!Wait.Until(() => IsGone(pair.Oracle), ConditionTimeoutMs))
            throw new IOException("the oracle never expired the key");
        return Wait.Until(() => IsGone(pair.Subject), ConditionTimeoutMs)
            ? null
            : new Mismatch($"EXISTS {step.Args[0]} after its time", "0", "1");
    }
}

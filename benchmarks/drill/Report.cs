using System.Text.Json;
using OrleansKv.Drill.Linearizability;
using OrleansKv.Drill.Load;
using OrleansKv.Drill.Servers;

namespace OrleansKv.Drill;

/// <summary>The drill's results as a table, a summary and a file.</summary>
internal sealed class Report(string server, Options options, int seed, TextWriter output)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<RoundResult> _rounds = [];

    public bool AnyWrong => _rounds.Any(round => round.AnyWrong);

    public void PrintTitle() => output.WriteLine(
        $"{server}: {options.Nodes} nodes, {options.Replicas} replica(s) a slot, {options.Writers} writers, seed {seed}\n"
        + $"{"round",5} {"fault",-8}{"victim",6}{"acked",10}{"unknown",9}{"lost",8}{"invented",10}{"back",6}{"unread",8}"
        + $"{"first ms",10}{"gap ms",9}{"whole ms",10}  {"check",-6}  registers");

    public void Add(RoundResult round)
    {
        _rounds.Add(round);
        Findings found = round.Load.Findings;
        output.WriteLine(
            $"{round.Number,5} {round.Fault.ToString().ToLowerInvariant(),-8}{round.Victim,6}{round.Acknowledged,10}{round.Unknown,9}"
            + $"{found.Lost,8}{found.NeverWritten,10}{found.WentBack,6}{found.Unreadable,8}"
            + $"{Ms(round.FirstMs),10}{Ms(round.GapMs),9}{Ms(round.WholeMs),10}  {Word(round.Check),-6}  {Registers(round.Load)}");
        if (round.Check.IsClean is false)
            output.WriteLine($"redis-cli --cluster check:\n{round.Check.Output}");
    }

    public void PrintSummary()
    {
        var errors = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach ((string kind, long count) in _rounds.SelectMany(round => round.Load.Errors))
            errors[kind] = errors.GetValueOrDefault(kind) + count;
        output.WriteLine();
        foreach (IGrouping<Fault, RoundResult> fault in _rounds.GroupBy(round => round.Fault))
        {
            double[] first = [.. fault.Select(round => round.FirstMs)];
            double[] gaps = [.. fault.Select(round => round.GapMs)];
            output.WriteLine(
                $"{fault.Key.ToString().ToLowerInvariant()}: {fault.Count()} rounds, {fault.Sum(round => round.Acknowledged)} writes acknowledged, "
                + $"{fault.Sum(round => round.Load.Findings.Lost)} lost; first write everywhere after median {Ms(Median(first))} ms, "
                + $"worst {Ms(first.Max())} ms; longest gap median {Ms(Median(gaps))} ms, worst {Ms(gaps.Max())} ms");
        }
        if (_rounds.Count(round => round.Check.IsClean is not null) is > 0 and var asked)
            output.WriteLine($"redis-cli --cluster check: clean after {_rounds.Count(round => round.Check.IsClean is true)} of {asked} rounds");
        output.WriteLine($"errors: {(errors.Count == 0 ? "none" : string.Join(", ", errors.Select(error => $"{error.Key} {error.Value}")))}");
    }

    public void WriteJson(string file)
    {
        var all = new
        {
            server,
            nodes = options.Nodes,
            replicas = options.Replicas,
            writers = options.Writers,
            seed,
            rounds = _rounds.Select(round => new
            {
                round = round.Number,
                fault = round.Fault.ToString().ToLowerInvariant(),
                victim = round.Victim,
                victim_owned_slots = round.VictimOwnedSlots,
                acknowledged = round.Acknowledged,
                unknown = round.Unknown,
                lost = round.Load.Findings.Lost,
                invented = round.Load.Findings.NeverWritten,
                went_back = round.Load.Findings.WentBack,
                unreadable = round.Load.Findings.Unreadable,
                first_ms = Finite(round.FirstMs),
                gap_ms = Finite(round.GapMs),
                whole_ms = Finite(round.WholeMs),
                groups = round.Load.Outages.Select(outage => new { first_ms = Finite(outage.BackMs), gap_ms = Finite(outage.GapMs) }),
                check = Word(round.Check),
                registers = round.Load.Registers.ToDictionary(register => register.Key, register => register.Value.ToString()),
                errors = round.Load.Errors,
            }),
        };
        File.WriteAllText(file, JsonSerializer.Serialize(all, Indented));
    }

    private static string Word(CheckResult check) => check.IsClean switch { true => "clean", false => "bad", null => "-" };

    private static string Registers(LoadResult load) =>
        $"{load.RegistersWith(Verdict.Linearizable)}/{load.RegistersWith(Verdict.NotLinearizable)}/{load.RegistersWith(Verdict.Undecided)}";

    // JSON has no infinity: null is a time that nobody waited for.
    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    private static string Ms(double value) => double.IsFinite(value) ? $"{value:F0}" : "never";

    private static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

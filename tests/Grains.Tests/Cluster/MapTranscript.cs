using System.Globalization;
using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>
/// A story told to the planner: lines that begin with '&gt;' are events, and what follows them is the map that comes of it. Members are shown
/// with their slots (#epoch, and + who keeps them) and replicas, an asterisk and the epoch that it holds behind one in sync. A member whose operator
/// has done something is shown with its circle and its master; a node's name is its id.
/// </summary>
internal sealed class MapTranscript
{
    private readonly StringBuilder _text = new();
    private SlotMap _map = SlotMap.Empty;
    private MapRules _rules = new();

    /// <summary>Tells the story again: the same text, if the planner does what it says.</summary>
    public static string Replay(string text)
    {
        var transcript = new MapTranscript();
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith('#') || line.Length == 0) transcript._text.Append(line).Append('\n');
            else if (line.StartsWith("> ", StringComparison.Ordinal)) transcript.Tell(line);
        }

        return transcript._text.ToString();
    }

    public static string Show(SlotMap map)
    {
        var text = new StringBuilder();
        foreach (var member in map.Members)
        {
            text.Append(text.Length == 0 ? $"v{map.Version}".PadRight(5) : "     ");
            text.Append(CultureInfo.InvariantCulture, $"{member.Silo}{(member.State == MemberState.Leaving ? " leaving" : "")}{Standing(map.NodeOf(member.NodeId))}:");
            text.Append(Slots(map, member.Silo));
            if (member.Replicas.Length > 0) text.Append(" -> ").AppendJoin(' ', member.Replicas.Select(replica => Replica(member, replica)));
            text.Append('\n');
        }

        if (text.Length == 0) text.Append($"v{map.Version}".PadRight(5)).Append("nobody\n");
        var ownerless = Slots(map, null);
        if (ownerless.Length > 0) text.Append("     ownerless:").Append(ownerless).Append('\n');
        foreach (var node in map.Ranges.Where(range => range.LostBy != null).Select(range => range.LostBy![0]).Distinct())
            text.Append(CultureInfo.InvariantCulture, $"     lost by node {char.ToUpperInvariant(node)}\n");
        foreach (var move in map.Wanted) text.Append(CultureInfo.InvariantCulture, $"     wanted: {move.First}-{move.Last} {move.From} -> {move.To}\n");
        return text.ToString();
    }

    private static string Standing(MapNode? node)
    {
        if (node == null) return "";
        return (node.Circle.Length > 0 ? $" of {NameOf(node.Circle)}" : "") + (node.Master.Length > 0 ? $" replicating {NameOf(node.Master)}" : "");
    }

    private static string Slots(SlotMap map, string? owner) => string.Concat(map.Ranges.Where(range => range.Owner == owner)
        .Select(range => $" {range.First}{(range.Count > 1 ? $"-{range.Last}" : "")}#{range.Epoch}{(range.KeptBy == null ? "" : $"+{range.KeptBy}")}"));

    private static string Replica(MapMember primary, string replica)
    {
        var index = Array.IndexOf(primary.InSync, replica);
        return index < 0 ? replica : $"{replica}*{primary.SyncedThrough[index]}";
    }

    private void Tell(string line)
    {
        _text.Append(line).Append('\n');
        var words = line[2..].Split(' ');
        if (words[0] == "rules")
        {
            _rules = new MapRules { Replicas = Number(words[1]), InitialSilos = Number(words[2]) };
            return;
        }

        if (words[0] is "moves" or "next")
        {
            var moves = words[0] == "next" ? MovePlan.Next(_map) : Whole(MovePlan.Of(_map));
            if (moves.Count == 0) _text.Append("     none\n");
            foreach (var move in moves)
                _text.Append(CultureInfo.InvariantCulture, $"     {move.First}-{move.Last} {move.From} -> {move.To}\n");
            return;
        }

        var next = SlotMapPlanner.Apply(_map, EventOf(words), _rules);
        _text.Append(next == _map ? "     unchanged\n" : Show(next));
        _map = next;
    }

    // Moves that go on where the one before stops are shown as one.
    private static List<SlotMove> Whole(IEnumerable<SlotMove> moves)
    {
        var whole = new List<SlotMove>();
        foreach (var move in moves)
        {
            if (whole.Count > 0 && whole[^1] is var last && last == move with { First = last.First, Last = last.Last } && move.Last + 1 == last.First)
                whole[^1] = last with { First = move.First };
            else
                whole.Add(move);
        }

        return whole;
    }

    private MapEvent EventOf(string[] words) => words[0] switch
    {
        "join" when words[^1] == "alone" => new MapEvent.Joined(Member(words[1]) with { StartsAlone = true }),
        "join" => new MapEvent.Joined(Member(words[1], zone: words.Length > 2 ? words[2] : "")),
        "died" => new MapEvent.Died(words[1..]),
        "leave" => new MapEvent.Leaving(words[1]),
        "report" => new MapEvent.Reported(words[1], [.. words[2..].Where(IsSilo).Select(silo => Copy(words[1], silo))], Version(words)),
        "moved" => new MapEvent.Moved(new SlotMove(Number(words[1]), Number(words[2]), words[3], words[4]), Version(words)),
        "take" => new MapEvent.TakenOver(Number(words[1]), Number(words[2]), words[3]),
        _ => OrderOf(words),
    };

    private static MapEvent OrderOf(string[] words) => words[0] switch
    {
        "meet" => new MapEvent.Met(words[1], words[2]),
        "forget" => new MapEvent.Forgotten(NodeId(words[1])),
        "reset" => new MapEvent.Reset(words[1], words.Length > 2 ? NodeId(words[2]) : null),
        "assign" => new MapEvent.Assigned(words[1], SlotsOf(words)),
        "release" => new MapEvent.Released(words[1], SlotsOf(words)),
        "wish" => new MapEvent.Wished(new SlotMove(Number(words[1]), Number(words[2]), words[3], words[4])),
        "keep" => new MapEvent.Kept(Number(words[1])),
        "replicate" => new MapEvent.Pinned(words[1], NodeId(words[2])),
        "failover" => new MapEvent.FailedOver(words[1]),
        "rest" => new MapEvent.Rested(),
        _ => throw new FormatException($"No such event: {words[0]}"),
    };

    private static int[] SlotsOf(string[] words) => [.. Enumerable.Range(Number(words[2]), Number(words[3]) - Number(words[2]) + 1)];

    // Reports are about the present version, unless one is named: v3. Copies hold all slots of the primary, unless it is said how many: B@1=3.
    private long Version(string[] words) => words[^1][0] == 'v' ? Number(words[^1][1..]) : _map.Version;

    private SyncedCopy Copy(string primary, string copy)
    {
        var parts = copy.Split('=');
        var newest = _map.RangesOf(primary).Select(range => range.Epoch).DefaultIfEmpty().Max();
        return new SyncedCopy(parts[0], parts.Length > 1 ? Number(parts[1]) : newest);
    }

    private static bool IsSilo(string word) => word.Contains('@', StringComparison.Ordinal);

    /// <summary>The id of a node of this name.</summary>
    public static string NodeId(string name) => new(char.ToLowerInvariant(name[0]), 40);

    private static string NameOf(string id) => char.ToUpperInvariant(id[0]) + id[40..];

    public static MapMember Member(string silo, string zone = "") => new()
    {
        Silo = silo, NodeId = NodeId(silo[..1]), Zone = zone, Endpoint = new NodeEndpoint("127.0.0.1", 6379),
    };

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}

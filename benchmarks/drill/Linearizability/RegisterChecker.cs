namespace OrleansKv.Drill.Linearizability;

/// <summary>
/// Decides whether a register's history is linearizable: whether every operation can be given an instant between its invocation and its
/// return so that each read returns what the last write before it wrote. The search is that of Wing and Gong ("Testing and Verifying
/// Concurrent Objects", 1993) with Lowe's memory of configurations that led nowhere ("Testing for linearizability", 2017). Registers are
/// checked one by one, since a history is linearizable exactly if each object's part of it is.
/// </summary>
/// <remarks>
/// A write of unknown outcome may take effect at any time after its invocation, or never. If no read returned its value, leaving it out
/// loses nothing: whoever could follow it can follow what was before it. If one did, it took effect before that read returned. So every
/// operation that the search sees has an end, and an outage that leaves many unknown outcomes does not make the search exponential.
/// </remarks>
internal static class RegisterChecker
{
    /// <summary>How many operations the search may try to place, by default; a history of ten thousand needs little more than that.</summary>
    public const int DefaultMaxSteps = 20_000_000;

    public static Verdict Check(IEnumerable<RegisterOperation> history, int maxSteps = DefaultMaxSteps)
    {
        List<RegisterOperation>? operations = Settle(history);
        return operations is null ? Verdict.NotLinearizable : new Search(operations).Run(maxSteps);
    }

    /// <summary>The operations that count, all with an end, by invocation; null when a read returned what nobody had begun to write.</summary>
    private static List<RegisterOperation>? Settle(IEnumerable<RegisterOperation> history)
    {
        var writes = new List<RegisterOperation>();
        var reads = new List<RegisterOperation>();
        foreach (RegisterOperation operation in history)
        {
            if (operation.IsWrite)
                writes.Add(operation);
            else if (operation.IsKnown)
                reads.Add(operation);
        }
        var firstSeen = new Dictionary<string, long>();
        foreach (RegisterOperation read in reads.Where(read => read.Value is not null))
            firstSeen[read.Value!] = Math.Min(read.Returned, firstSeen.GetValueOrDefault(read.Value!, RegisterOperation.Never));

        var settled = new List<RegisterOperation>(reads);
        var written = new HashSet<string>();
        foreach (RegisterOperation write in writes)
        {
            if (!written.Add(write.Value!))
                throw new ArgumentException($"{write.Value} is written twice", nameof(history));
            bool isSeen = firstSeen.TryGetValue(write.Value!, out long seen);
            if (isSeen && seen < write.Invoked)
                return null;
            if (write.IsKnown || isSeen)
                settled.Add(write with { Returned = isSeen ? Math.Min(seen, write.Returned) : write.Returned });
        }
        if (!firstSeen.Keys.All(written.Contains))
            return null;
        settled.Sort(static (a, b) => a.Invoked.CompareTo(b.Invoked));
        return settled;
    }

    /// <summary>
    /// The search proper. Invocations and returns are a list in the order of time; an operation that is placed is lifted out of it. The first
    /// return in the list belongs to an operation that must be placed now: only invocations before it are candidates.
    /// </summary>
    private sealed class Search
    {
        private readonly List<RegisterOperation> _operations;
        private readonly int[] _values;
        private readonly Event _head = new(-1, isReturn: false);
        private readonly Configurations _seen = new();
        private readonly PlacedSet _placed;

        public Search(List<RegisterOperation> operations)
        {
            _operations = operations;
            _placed = new PlacedSet(operations.Count);
            var numbers = new Dictionary<string, int>();
            _values = [.. operations.Select(operation => operation.Value is not { } value ? 0 : Number(numbers, value))];
            Link();
        }

        public Verdict Run(int maxSteps)
        {
            var stack = new Stack<(Event Call, int ValueBefore)>();
            int current = 0;
            int steps = 0;
            Event? at = _head.Next;
            while (_head.Next is not null)
            {
                if (!at!.IsReturn)
                {
                    if (++steps > maxSteps)
                        return Verdict.Undecided;
                    if (TryPlace(at, ref current, stack))
                        at = _head.Next;
                    else
                        at = at.Next;
                    continue;
                }
                if (stack.Count == 0)
                    return Verdict.NotLinearizable;
                (Event call, current) = stack.Pop();
                _placed.Remove(call.Operation);
                call.PutBack();
                at = call.Next;
            }
            return Verdict.Linearizable;
        }

        private bool TryPlace(Event call, ref int current, Stack<(Event Call, int ValueBefore)> stack)
        {
            bool isWrite = _operations[call.Operation].IsWrite;
            int value = _values[call.Operation];
            if (!isWrite && value != current)
                return false;
            _placed.Add(call.Operation);
            if (!_seen.Add(_placed, value))
            {
                _placed.Remove(call.Operation);
                return false;
            }
            stack.Push((call, current));
            current = value;
            call.LiftOut();
            return true;
        }

        private static int Number(Dictionary<string, int> numbers, string value)
        {
            if (!numbers.TryGetValue(value, out int number))
                numbers[value] = number = numbers.Count + 1;
            return number;
        }

        // Where times are equal, invocations come first: operations that touch are taken as concurrent.
        private void Link()
        {
            var events = new List<(long Time, Event Event)>(_operations.Count * 2);
            for (int i = 0; i < _operations.Count; i++)
            {
                var call = new Event(i, isReturn: false);
                call.Return = new Event(i, isReturn: true);
                events.Add((_operations[i].Invoked, call));
                events.Add((_operations[i].Returned, call.Return));
            }
            events.Sort(static (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : a.Event.IsReturn.CompareTo(b.Event.IsReturn));
            Event last = _head;
            foreach ((_, Event next) in events)
            {
                last.Next = next;
                next.Previous = last;
                last = next;
            }
        }
    }

    /// <summary>An invocation or a return in the list.</summary>
    private sealed class Event(int operation, bool isReturn)
    {
        public int Operation { get; } = operation;

        public bool IsReturn { get; } = isReturn;

        public Event? Return { get; set; }

        public Event? Previous { get; set; }

        public Event? Next { get; set; }

        /// <summary>Takes an invocation and its return out of the list; both remember their neighbours.</summary>
        public void LiftOut()
        {
            Unlink(this);
            Unlink(Return!);
        }

        /// <summary>The reverse of the last <see cref="LiftOut"/> that has not been reversed.</summary>
        public void PutBack()
        {
            Relink(Return!);
            Relink(this);
        }

        private static void Unlink(Event one)
        {
            one.Previous!.Next = one.Next;
            if (one.Next is not null)
                one.Next.Previous = one.Previous;
        }

        private static void Relink(Event one)
        {
            one.Previous!.Next = one;
            if (one.Next is not null)
                one.Next.Previous = one;
        }
    }
}

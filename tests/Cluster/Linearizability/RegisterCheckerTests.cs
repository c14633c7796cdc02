using OrleansKv.Drill.Linearizability;

namespace OrleansKv.Cluster.Tests.Linearizability;

public sealed class RegisterCheckerTests
{
    private const long Never = RegisterOperation.Never;

    [Fact]
    public void NoOperations_Linearizable() => AssertVerdict(Verdict.Linearizable);

    [Fact]
    public void OneAfterTheOther_Linearizable() => AssertVerdict(
        Verdict.Linearizable,
        Read(null, 0, 1), Write("a", 2, 3), Read("a", 4, 5), Write("b", 6, 7), Read("b", 8, 9));

    [Fact]
    public void StaleRead_NotLinearizable() => AssertVerdict(
        Verdict.NotLinearizable,
        Write("a", 0, 1), Write("b", 2, 3), Read("a", 4, 5));

    [Fact]
    public void LostWrite_NotLinearizable() => AssertVerdict(
        Verdict.NotLinearizable,
        Write("a", 0, 1), Read(null, 2, 3));

    [Fact]
    public void ReadBeforeItsWrite_NotLinearizable() => AssertVerdict(
        Verdict.NotLinearizable,
        Read("a", 0, 1), Write("a", 2, 3));

    [Fact]
    public void ValueNobodyWrote_NotLinearizable() => AssertVerdict(
        Verdict.NotLinearizable,
        Write("a", 0, 1), Read("b", 0, 1));

    [Fact]
    public void ConcurrentWrites_EitherMayBeLast()
    {
        AssertVerdict(Verdict.Linearizable, Write("a", 0, 10), Write("b", 5, 15), Read("a", 20, 21));
        AssertVerdict(Verdict.Linearizable, Write("a", 0, 10), Write("b", 5, 15), Read("b", 20, 21));
    }

    [Fact]
    public void ReadersThatDisagreeOnTheOrder_NotLinearizable() => AssertVerdict(
        Verdict.NotLinearizable,
        Write("a", 0, 10), Write("b", 0, 10), Read("a", 20, 21), Read("b", 22, 23), Read("a", 24, 25));

    [Fact]
    public void NewValueThenOldValue_WhileTheWriteRuns_NotLinearizable() => AssertVerdict(
        Verdict.NotLinearizable,
        Write("a", 0, 1), Write("b", 2, 100), Read("b", 10, 11), Read("a", 12, 13));

    [Fact]
    public void OldValueThenNewValue_WhileTheWriteRuns_Linearizable() => AssertVerdict(
        Verdict.Linearizable,
        Write("a", 0, 1), Write("b", 2, 100), Read("a", 10, 11), Read("b", 12, 13));

    [Fact]
    public void OperationsThatTouch_AreConcurrent() => AssertVerdict(
        Verdict.Linearizable,
        Write("a", 0, 5), Write("b", 5, 9), Read("a", 9, 10));

    [Fact]
    public void UnknownWrite_MayNeverHappen() => AssertVerdict(
        Verdict.Linearizable,
        Write("a", 0, 1), Write("b", 2, Never), Read("a", 10, 11), Write("c", 12, 13), Read("c", 14, 15));

    [Fact]
    public void UnknownWrite_MayHappenMuchLater() => AssertVerdict(
        Verdict.Linearizable,
        Write("a", 0, 1), Write("b", 2, Never), Read("a", 10, 11), Write("c", 12, 13), Read("c", 14, 15), Read("b", 16, 17));

    [Fact]
    public void UnknownWrite_HappensOnlyOnce() => AssertVerdict(
        Verdict.NotLinearizable,
        Write("b", 2, Never), Read("b", 10, 11), Write("c", 12, 13), Read("c", 14, 15), Read("b", 16, 17));

    [Fact]
    public void UnknownRead_SaysNothing() => AssertVerdict(
        Verdict.Linearizable,
        Write("a", 0, 1), Read(null, 2, Never), Read("a", 4, 5));

    [Fact]
    public void ManyUnknownWrites_DoNotMakeItSlow()
    {
        var history = new List<RegisterOperation>();
        for (int i = 0; i < 500; i++)
            history.Add(Write($"lost {i}", i, Never));
        for (int i = 0; i < 500; i++)
            history.AddRange([Write($"{i}", 1000 + (10 * i), 1001 + (10 * i)), Read($"{i}", 1002 + (10 * i), 1003 + (10 * i))]);
        Assert.Equal(Verdict.Linearizable, RegisterChecker.Check(history, maxSteps: 10_000));
    }

    [Fact]
    public void SearchLimit_Undecided() =>
        Assert.Equal(Verdict.Undecided, RegisterChecker.Check([Write("a", 0, 1), Read("a", 2, 3)], maxSteps: 1));

    [Fact]
    public void ValueWrittenTwice_Refused() =>
        Assert.Throws<ArgumentException>(() => RegisterChecker.Check([Write("a", 0, 1), Write("a", 2, 3)]));

    /// <summary>Short histories of all sorts, most of them wrong: the verdict is that of the definition.</summary>
    [Fact]
    public void RandomHistories_AgreeWithBruteForce()
    {
        var seen = new Dictionary<bool, int> { [true] = 0, [false] = 0 };
        for (int seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            RegisterOperation[] history = Arbitrary(random, random.Next(1, 8));
            bool expected = BruteForce.IsLinearizable(history);
            seen[expected]++;
            Assert.True(
                (RegisterChecker.Check(history) == Verdict.Linearizable) == expected,
                $"seed {seed}, linearizable: {expected}\n{string.Join('\n', history)}");
        }
        Assert.True(seen.Values.All(count => count > 2_000), $"{seen[true]} and {seen[false]}");
    }

    /// <summary>Long histories of a real register, with many clients and unknown outcomes, and the same with one read changed.</summary>
    [Fact]
    public void LongHistoriesOfARegister_LinearizableUntilOneReadIsWrong()
    {
        for (int seed = 0; seed < 8; seed++)
        {
            List<RegisterOperation> history = OfRegister(new Random(seed), clients: 8, operations: 3_000);
            Assert.True(RegisterChecker.Check(history) == Verdict.Linearizable, $"seed {seed}");
            // The first value, read again at the very end.
            RegisterOperation first = history.First(operation => operation is { IsWrite: true, IsKnown: true });
            long end = history.Where(operation => operation.IsKnown).Max(operation => operation.Returned);
            history.AddRange([Read(first.Value, first.Returned, first.Returned), Write("last", end + 1, end + 2), Read(first.Value, end + 3, end + 4)]);
            Assert.True(RegisterChecker.Check(history) == Verdict.NotLinearizable, $"seed {seed}, made wrong");
        }
    }

    private static RegisterOperation[] Arbitrary(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(i =>
        {
            long invoked = random.Next(2 * count);
            long returned = random.Next(6) == 0 ? Never : invoked + random.Next(1 + count);
            return random.Next(2) == 0 ? Write($"{i}", invoked, returned) : Read(random.Next(4) == 0 ? null : $"{random.Next(count)}", invoked, returned);
        })];

    // Clients take turns at random; each operation takes effect at some moment between its two ends, which the history does not tell.
    private static List<RegisterOperation> OfRegister(Random random, int clients, int operations)
    {
        var moments = new List<(long At, int Operation)>();
        var ends = new (long Invoked, long Returned, bool IsWrite)[operations];
        var clientFree = new long[clients];
        for (int i = 0; i < operations; i++)
        {
            int client = random.Next(clients);
            long invoked = clientFree[client] + random.Next(1, 20);
            long effect = invoked + random.Next(1, 30);
            long returned = effect + random.Next(1, 30);
            clientFree[client] = returned;
            bool isWrite = random.Next(2) == 0;
            bool isUnknown = isWrite && random.Next(50) == 0;
            ends[i] = (invoked, isUnknown ? Never : returned, isWrite);
            // Some take effect long after their client gave up, some never.
            if (!isUnknown || random.Next(2) == 0)
                moments.Add((isUnknown ? effect + random.Next(500) : effect, i));
        }
        var history = new List<RegisterOperation>();
        var done = new HashSet<int>();
        string? value = null;
        foreach ((_, int i) in moments.OrderBy(moment => moment.At))
        {
            value = ends[i].IsWrite ? $"{i}" : value;
            history.Add(new RegisterOperation(ends[i].IsWrite, value, ends[i].Invoked, ends[i].Returned));
            done.Add(i);
        }
        history.AddRange(Enumerable.Range(0, operations).Where(i => !done.Contains(i)).Select(i => Write($"{i}", ends[i].Invoked, Never)));
        return history;
    }

    private static RegisterOperation Write(string value, long invoked, long returned) => RegisterOperation.Write(value, invoked, returned);

    private static RegisterOperation Read(string? value, long invoked, long returned) => RegisterOperation.Read(value, invoked, returned);

    private static void AssertVerdict(Verdict expected, params RegisterOperation[] history) =>
        Assert.Equal(expected, RegisterChecker.Check(history));
}

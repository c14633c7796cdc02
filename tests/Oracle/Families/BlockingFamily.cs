namespace OrleansKv.Oracle;

/// <summary>
/// Blocking commands that really block: one or two clients wait on keys, another one feeds them in some way, and who got what is compared.
/// The waiters' order is fixed by waiting until the servers report each of them as blocked.
/// </summary>
internal sealed class BlockingFamily() : Family("blocking")
{
    public static readonly BlockingFamily Instance = new();

    // Long enough never to end by itself: the last feeding always serves everybody.
    private const string Timeout = "60";

    private static readonly string[] Sides = ["LEFT", "RIGHT"];

    public override Unit Next(Gen gen)
    {
        bool lists = gen.Chance(0.6);
        string letter = lists ? "l" : "z";
        string[] keys = [.. Enumerable.Range(0, 3).Select(number => $"{letter}{number}")];
        var steps = new List<Step> { Step.Command(["DEL", .. keys]) };
        int waiters = gen.Between(1, 3);
        for (int waiter = 1; waiter <= waiters; waiter++)
        {
            steps.Add(new Step(StepKind.Start, waiter, lists ? ListWaiter(gen, keys) : SortedSetWaiter(gen, keys)));
            steps.Add(new Step(StepKind.AwaitBlocked, 0, [$"{waiter}"]));
        }
        for (int count = gen.Between(1, 3); count > 0; count--)
            steps.AddRange(Feeding(gen, lists, keys));
        foreach (string key in keys)
            AddLastFeeding(lists, key, steps);
        for (int waiter = 1; waiter <= waiters; waiter++)
            steps.Add(new Step(StepKind.Finish, waiter, []));
        return new Unit([.. steps]);
    }

    private static string[] ListWaiter(Gen gen, string[] keys)
    {
        string first = gen.Pick(keys);
        string second = gen.Pick(keys);
        string side = gen.Pick(Sides);
        return gen.Below(6) switch
        {
            0 => ["BLPOP", first, Timeout],
            1 => ["BRPOP", first, second, Timeout],
            2 => ["BLMOVE", first, "l4", side, gen.Pick(Sides), Timeout],
            3 => ["BRPOPLPUSH", first, "l4", Timeout],
            4 => ["BLMPOP", Timeout, "2", first, second, side],
            _ => ["BLMPOP", Timeout, "1", first, side, "COUNT", "2"],
        };
    }

    private static string[] SortedSetWaiter(Gen gen, string[] keys)
    {
        string first = gen.Pick(keys);
        string second = gen.Pick(keys);
        return gen.Below(4) switch
        {
            0 => ["BZPOPMIN", first, Timeout],
            1 => ["BZPOPMAX", first, second, Timeout],
            2 => ["BZMPOP", Timeout, "2", first, second, "MIN"],
            _ => ["BZMPOP", Timeout, "1", first, "MAX", "COUNT", "2"],
        };
    }

    private static Step[] Feeding(Gen gen, bool lists, string[] keys)
    {
        string key = gen.Pick(keys);
        Step push = lists ? Step.Command("RPUSH", key, gen.Member(), gen.Member()) : Step.Command("ZADD", key, gen.Small(), gen.Member());
        // Fed on another key in the same transaction, a waiter on both gets the key that became ready first from Redis 7.0, and the one that
        // it named first from 7.2.
        Step other = lists ? Step.Command("LPUSH", key, gen.Member()) : Step.Command("ZADD", key, "1", "x", "2", "y");
        Step stage = lists ? Step.Command("RPUSH", "l3", gen.Member(), gen.Member()) : Step.Command("ZADD", "z3", "1", "a", "2", "b");
        string staged = lists ? "l3" : "z3";
        return gen.Below(8) switch
        {
            0 => [push],
            1 => [Step.Command("MULTI"), push, other, Step.Command("EXEC")],
            2 => [Step.Command("MULTI"), push, Step.Command("DEL", key), Step.Command("EXEC")],
            3 => [stage, Step.Command("RENAME", staged, key)],
            4 => [stage, Step.Command("COPY", staged, key, "REPLACE")],
            5 => [Step.Command("SET", key, "wrong type"), Step.Command("DEL", key), other],
            6 => [Step.Command("SET", "l4", "wrong type for a destination"), push, Step.Command("DEL", "l4")],
            _ => lists ? [stage, Step.Command("LMOVE", "l3", key, "LEFT", "LEFT")] : [stage, Step.Command("ZUNIONSTORE", key, "1", "z3")],
        };
    }

    private static void AddLastFeeding(bool lists, string key, List<Step> steps)
    {
        // Every waiter takes two elements at most.
        string[] elements = ["1", "2", "3", "4", "5", "6", "7", "8"];
        steps.Add(Step.Command("DEL", key));
        steps.Add(lists
            ? Step.Command(["RPUSH", key, .. elements])
            : Step.Command(["ZADD", key, .. elements.SelectMany(element => new[] { element, element })]));
    }
}

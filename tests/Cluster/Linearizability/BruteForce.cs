using OrleansKv.Drill.Linearizability;

namespace OrleansKv.Cluster.Tests.Linearizability;

/// <summary>
/// Tries every order of a short history, and every choice of the writes of unknown outcome, straight from the definition: slow, and too simple
/// to share a mistake with the checker.
/// </summary>
internal static class BruteForce
{
    public static bool IsLinearizable(IReadOnlyList<RegisterOperation> history) => Extend(history, placed: 0, value: null);

    // Places one more operation: any that no other unplaced one wholly precedes. Unknown outcomes may stay unplaced for good.
    private static bool Extend(IReadOnlyList<RegisterOperation> history, int placed, string? value)
    {
        bool isComplete = true;
        for (int i = 0; i < history.Count; i++)
        {
            if ((placed & (1 << i)) != 0)
                continue;
            RegisterOperation operation = history[i];
            isComplete &= !operation.IsKnown;
            if (MustWait(history, placed, i))
                continue;
            bool fits = operation.IsWrite || operation.Value == value;
            if (fits && Extend(history, placed | (1 << i), operation.IsWrite ? operation.Value : value))
                return true;
        }
        return isComplete;
    }

    private static bool MustWait(IReadOnlyList<RegisterOperation> history, int placed, int candidate)
    {
        for (int i = 0; i < history.Count; i++)
        {
            if ((placed & (1 << i)) == 0 && history[i].Returned < history[candidate].Invoked)
                return true;
        }
        return false;
    }
}

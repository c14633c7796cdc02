using System.Diagnostics;

namespace OrleansKv.Oracle;

/// <summary>Drops steps from a sequence that fails, in ever smaller pieces, as long as it still fails and there is time.</summary>
internal static class Shrinker
{
    public static (List<Unit> Units, Mismatch Mismatch) Shrink(
        List<Unit> units, Mismatch mismatch, Func<List<Unit>, Mismatch?> run, int budgetMs)
    {
        long start = Stopwatch.GetTimestamp();
        int piece = Math.Max(1, units.Count / 2);
        while (true)
        {
            bool dropped = false;
            for (int at = units.Count - piece; at >= 0 && units.Count > 1; at -= piece)
            {
                if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > budgetMs)
                    return (units, mismatch);
                List<Unit> fewer = [.. units[..at], .. units[(at + piece)..]];
                // Another bug met on the way would hide this one.
                if (run(fewer) is Mismatch again && again.Signature.Split(' ')[0] == mismatch.Signature.Split(' ')[0])
                {
                    (units, mismatch) = (fewer, again);
                    dropped = true;
                }
            }
            if (piece == 1 && !dropped)
                return (units, mismatch);
            piece = Math.Min(Math.Max(1, piece / 2), Math.Max(1, units.Count / 2));
        }
    }
}

namespace OrleansKv.Drill.Load;

/// <summary>What was found wrong, in numbers of writes. All zero is what everybody wants.</summary>
/// <param name="Lost">Acknowledged writes that are not there.</param>
/// <param name="NeverWritten">Values found that nobody wrote, or that are there twice.</param>
/// <param name="WentBack">Replies that show an older state than an earlier reply to the same client.</param>
/// <param name="Unreadable">Keys that could not be read in time.</param>
internal readonly record struct Findings(long Lost = 0, long NeverWritten = 0, long WentBack = 0, long Unreadable = 0)
{
    public bool AnyWrong => Lost + NeverWritten + WentBack + Unreadable > 0;

    public static Findings operator +(Findings a, Findings b) =>
        new(a.Lost + b.Lost, a.NeverWritten + b.NeverWritten, a.WentBack + b.WentBack, a.Unreadable + b.Unreadable);
}

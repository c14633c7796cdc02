namespace OrleansKv.Drill.Linearizability;

/// <summary>
/// One read or write of one register, as its client saw it. Times are ticks of one clock that all clients share. A value is written at most
/// once in a register's life, so that a read tells which write it saw; null is the register that nobody has written.
/// </summary>
/// <param name="IsWrite">A write of <paramref name="Value"/>, or a read that returned it.</param>
/// <param name="Value">What was written or read.</param>
/// <param name="Invoked">Before the request was sent.</param>
/// <param name="Returned">After the reply came; <see cref="Never"/> where the outcome is unknown.</param>
internal readonly record struct RegisterOperation(bool IsWrite, string? Value, long Invoked, long Returned)
{
    public const long Never = long.MaxValue;

    public bool IsKnown => Returned != Never;

    public static RegisterOperation Write(string value, long invoked, long returned) => new(true, value, invoked, returned);

    public static RegisterOperation Read(string? value, long invoked, long returned) => new(false, value, invoked, returned);

    public override string ToString() =>
        $"[{Invoked}, {(IsKnown ? $"{Returned}" : "?")}] {(IsWrite ? "write" : "read")} {Value ?? "nothing"}";
}

/// <summary>What the checker found.</summary>
internal enum Verdict
{
    Linearizable,
    NotLinearizable,

    /// <summary>The search was given up at its limit.</summary>
    Undecided,
}

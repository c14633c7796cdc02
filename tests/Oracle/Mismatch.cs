namespace OrleansKv.Oracle;

/// <summary>A command that the two servers answered differently.</summary>
internal sealed record Mismatch(string Command, string Expected, string Actual)
{
    private const int MaxShown = 600;

    /// <summary>What is the same for mismatches that are probably one bug: the command's name and the errors, if any.</summary>
    public string Signature => $"{Name} {Error(Expected)} {Error(Actual)}";

    private string Name => Command.Split(' ')[0].ToUpperInvariant();

    public override string ToString() =>
        $"  command:  {Brief(Command, MaxShown)}\n  expected: {Brief(Expected, MaxShown)}\n  got:      {Brief(Actual, MaxShown)}";

    private static string Error(string reply) => reply.StartsWith("(error)", StringComparison.Ordinal) ? Brief(reply, 40) : "";

    private static string Brief(string text, int length) => text.Length <= length ? text : $"{text[..length]}… ({text.Length} characters)";
}

namespace OrleansKv.Tidy;

/// <summary>Something that breaks a rule.</summary>
/// <param name="Place">What an <see cref="Exemption"/> would name.</param>
/// <param name="Details">The rest of the message: line, number, text.</param>
internal sealed record Finding(string Place, string Details)
{
    /// <summary>Fails for every finding that has no exemption and for every exemption that has no finding.</summary>
    public static void AssertNone(string rule, IEnumerable<Finding> findings)
    {
        Exemption[] exemptions = [.. Exemptions.All.Where(exemption => exemption.Rule == rule)];
        Finding[] all = [.. findings];
        IEnumerable<string> broken = all
            .Where(finding => !exemptions.Any(exemption => exemption.Place == finding.Place))
            .Select(finding => $"{finding.Place}: {finding.Details}");
        IEnumerable<string> stale = exemptions
            .Where(exemption => !all.Any(finding => finding.Place == exemption.Place))
            .Select(exemption => $"{exemption.Place}: no longer needs its exemption from {rule}; remove it and lower the limit");
        string[] messages = [.. broken, .. stale];
        Assert.True(messages.Length == 0, string.Join('\n', messages));
    }
}

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>What the planner does, in stories with their outcome: see the files in Transcripts. <c>TRANSCRIPTS_TO=DIR</c> writes them with the
/// outcome that they have now.</summary>
public sealed class SlotMapTranscriptTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Cluster", "Transcripts");

    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder, "*.txt").Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Transcript_ToldAgain_IsTheSame(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder, name));

        var replayed = MapTranscript.Replay(text);

        if (Environment.GetEnvironmentVariable("TRANSCRIPTS_TO") is { } folder) File.WriteAllText(Path.Combine(folder, name), replayed);
        Assert.Equal(text, replayed);
    }
}

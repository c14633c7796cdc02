using System.Runtime.CompilerServices;

namespace OrleansKv.Simulation;

/// <summary>
/// The main stories of the protocol, as transcripts to read: two or three silos, two slots, a network of one millisecond. A transcript that has
/// changed is a change of the protocol; ORLEANSKV_GOLDEN=write takes the new ones, for a reviewer to read.
/// </summary>
public sealed class StoryTests
{
    [Fact]
    public void Join_CopiesThenReports() => Tell(story =>
    {
        story.Start("A");
        story.Until(600);
        story.Increment("A@1", 0);
        story.Start("B");
        story.Until(700);
        story.Increment("A@1", 0);
        story.Until(720);
    });

    [Fact]
    public void Kill_ReplicaServesWhenItsPromiseRanOut() => Tell(story =>
    {
        story.StartTwo();
        story.Increment("A@1", 0);
        story.Until(750);
        story.Cluster.Crash(story.Silo("A@1"));
        story.Until(850);
        story.Cluster.Map.DeclareDead("A@1");
        story.Increment("B@1", 0);
        story.Until(1500);
        story.Increment("B@1", 0);
        story.Until(1510);
    });

    [Fact]
    public void Pause_LateOwnerAnswersNobody() => Tell(story =>
    {
        story.StartTwo();
        story.Increment("A@1", 0);
        story.Until(750);
        story.Silo("A@1").Stop();
        story.Note("A@1 stops");
        story.Increment("A@1", 0);
        story.Until(1500);
        story.Cluster.Map.DeclareDead("A@1");
        story.Until(2300);
        story.Increment("B@1", 0);
        story.Until(2750);
        story.Note("A@1 goes on");
        story.Silo("A@1").Continue();
        story.Until(3400);
    });

    [Fact]
    public void HandOver_TargetServesAtOnce() => Tell(story =>
    {
        story.StartTwo();
        story.Increment("A@1", 1);
        story.Until(750);
        story.Note("map: slot 1 is to go from A@1 to B@1");
        story.Cluster.Map.Move(1, "A@1", "B@1");
        story.Until(753);
        story.Increment("A@1", 1);
        story.Until(760);
        story.Increment("B@1", 1);
        story.Until(850);
    });

    /// <summary>Who gave a slot away keeps it until it has other copies, and has it again when the new owner dies first.</summary>
    [Fact]
    public void HandOverAndKill_GiverTakesBack() => Tell(story =>
    {
        story.StartTwo();
        story.Start("C");
        story.Until(1000);
        story.Note("map: slot 1 is to go from A@1 to B@1");
        story.Cluster.Map.Move(1, "A@1", "B@1");
        story.Cluster.Network.Cut("B@1", "C@1");
        story.Until(1020);
        story.Increment("B@1", 1);
        story.Until(1030);
        story.Cluster.Crash(story.Silo("B@1"));
        story.Cluster.Map.DeclareDead("B@1");
        story.Until(1800);
        story.Increment("A@1", 1);
        story.Until(1810);
    });

    /// <summary>The giver has the slot again before it has heard that it was given away.</summary>
    [Fact]
    public void HandOverAndKillUnheard_GiverGoesOn() => Tell(story =>
    {
        story.StartTwo();
        story.Start("C");
        story.Until(1000);
        story.Increment("A@1", 1);
        story.Note("map: slot 1 is to go from A@1 to B@1");
        story.Cluster.Map.Move(1, "A@1", "B@1");
        story.Until(1002);
        story.Cluster.Network.Cut("map", "A@1");
        story.Cluster.Network.Cut("B@1", "C@1");
        story.Until(1010);
        story.Cluster.Crash(story.Silo("B@1"));
        story.Cluster.Map.DeclareDead("B@1");
        story.Until(1020);
        story.Cluster.Network.Mend();
        story.Until(2000);
        story.Increment("A@1", 1);
        story.Until(2010);
    });

    [Fact]
    public void SilentReplica_IsWaitedForUntilItIsDead() => Tell(story =>
    {
        story.StartTwo();
        story.Silo("B@1").Stop();
        story.Note("B@1 stops");
        story.Increment("A@1", 0);
        story.Until(2500);
        story.Cluster.Map.DeclareDead("B@1");
        story.Until(2700);
    });

    /// <summary>A promoted silo's own replica does not have what it inherited, and inherits none of it before it does.</summary>
    [Fact]
    public void KillAndKillTheHeir_EmptyCopyInheritsNothing() => Tell(story =>
    {
        story.StartTwo();
        story.Start("C");
        story.Cluster.Map.Move(1, "A@1", "B@1");
        story.Until(1000);
        story.Increment("A@1", 0);
        story.Increment("B@1", 1);
        story.Until(1050);
        story.Cluster.Network.Cut("B@1", "C@1");
        story.Cluster.Network.Cut("B@1", "A@1");
        story.Cluster.Crash(story.Silo("A@1"));
        story.Cluster.Map.DeclareDead("A@1");
        story.Until(1100);
        story.Cluster.Crash(story.Silo("B@1"));
        story.Cluster.Map.DeclareDead("B@1");
        story.Until(1800);
    });

    private static void Tell(Action<Story> tell, [CallerMemberName] string name = "", [CallerFilePath] string source = "")
    {
        var story = new Story();
        tell(story);
        var text = string.Concat(story.Lines.Select(line => line + "\n"));
        if (Environment.GetEnvironmentVariable("ORLEANSKV_GOLDEN") == "write")
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(source)!, "Stories", name + ".txt"), text);
        else
            Assert.Equal(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Stories", name + ".txt")), text);
    }

    private sealed class Story
    {
        public Story()
        {
            World = new World(0) { Transcript = Lines.Add };
            Cluster = new Cluster(World, slotCount: 2);
            World.AfterEvent = Cluster.Checker.AfterEvent;
        }

        public List<string> Lines { get; } = [];

        public World World { get; }

        public Cluster Cluster { get; }

        public SimSilo Silo(string name) => Cluster.Find(name)!;

        public void Note(string line) => World.Note(line);

        public void Until(int ms) => World.RunUntil(ms * 1000L);

        public void Start(string node)
        {
            Note($"{node}@1 starts");
            Cluster.Start(node);
        }

        /// <summary>Two silos, the second a replica in sync of the first, which has all slots.</summary>
        public void StartTwo()
        {
            Start("A");
            Start("B");
            Until(700);
            Note("the story begins");
        }

        public void Increment(string silo, int slot)
        {
            var operation = new ClientOperation(Cluster.NextOperation(), IsWrite: true, [slot]);
            operation.Known = Cluster.Checker.Begin(operation);
            Note($"client → {silo}: increment slot {slot}");
            Cluster.Ask("client", silo, operation, reply =>
                Note($"{silo} → client: {(reply.IsExecuted ? FormattableString.Invariant($"slot {slot} is {reply.Results[0].Count}") : "not the owner")}"));
        }
    }
}

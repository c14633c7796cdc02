namespace OrleansKv.Simulation;

/// <summary>Messages between named ends: delayed, and where the weather is bad lost, doubled, overtaken or cut off in one direction.</summary>
internal sealed class Network(World world)
{
    private readonly HashSet<(string From, string To)> _cut = [];

    public double Loss { get; set; }

    public double Doubling { get; set; }

    /// <summary>How many messages take very long.</summary>
    public double Spikes { get; set; }

    public double MinMs { get; set; } = 1;

    public double MaxMs { get; set; } = 1;

    public void Cut(string from, string to) => _cut.Add((from, to));

    public void Mend() => _cut.Clear();

    public void Send(string from, string to, Action deliver)
    {
        if (_cut.Contains((from, to)) || world.Chance(Loss)) return;
        var copies = world.Chance(Doubling) ? 2 : 1;
        for (var i = 0; i < copies; i++)
            world.After(world.Chance(Spikes) ? world.Between(MaxMs, 400) : world.Between(MinMs, MaxMs), deliver);
    }
}

namespace OrleansKv.Simulation;

/// <summary>What goes wrong, at random: a few times a second something does, for as long as the weather lasts.</summary>
internal sealed class Faults(Cluster cluster)
{
    private readonly World _world = cluster.World;

    /// <summary>Sets the weather for the whole run, and lets things happen until a time.</summary>
    public void Begin(long untilUs)
    {
        var network = cluster.Network;
        (network.MinMs, network.MaxMs) = (0.2, _world.Between(1, 20) / 1000.0);
        network.Loss = _world.Chance(0.5) ? 0.05 * _world.Random.NextDouble() : 0;
        network.Doubling = _world.Chance(0.5) ? 0.1 * _world.Random.NextDouble() : 0;
        network.Spikes = _world.Chance(0.5) ? 0.05 * _world.Random.NextDouble() : 0;
        Next(untilUs, meanMs: _world.Between(100, 1500) / 1000.0);
    }

    /// <summary>One thing, of the kind that ends a process or cuts it off.</summary>
    public void HappenOnce()
    {
        var silo = cluster.Silos[_world.Random.Next(cluster.Silos.Count)];
        switch (_world.Random.Next(5))
        {
            case 4:
                cluster.Map.Leave(silo.Name);
                break;
            case 0:
                CrashAndRestart(silo);
                break;
            case 1:
                Stop(silo);
                break;
            case 2:
                CutOff(silo);
                break;
            default:
                cluster.Map.DeclareDead(silo.Name);
                break;
        }
    }

    /// <summary>Ends a process soon, and starts the node's next.</summary>
    public void Crash(string name, double withinMs) => _world.After(_world.Between(0, withinMs), () =>
    {
        if (cluster.Find(name) is { } silo) CrashAndRestart(silo);
    });

    /// <summary>Ends all of it: from here, the cluster must recover.</summary>
    public void End()
    {
        cluster.Network.Mend();
        cluster.Network.Loss = cluster.Network.Doubling = cluster.Network.Spikes = 0;
        foreach (var silo in cluster.Silos.ToArray()) silo.Continue();
    }

    private void Next(long untilUs, double meanMs) => _world.After(_world.Between(0, 2 * meanMs), () =>
    {
        if (_world.NowUs > untilUs) return;
        Happen();
        Next(untilUs, meanMs);
    });

    private void Happen()
    {
        if (cluster.Silos.Count == 0) return;
        var silo = cluster.Silos[_world.Random.Next(cluster.Silos.Count)];
        switch (_world.Random.Next(10))
        {
            case 0:
                CrashAndRestart(silo);
                break;
            case 1 or 2:
                Stop(silo);
                break;
            case 3 or 4:
                CutOff(silo);
                break;
            case 5:
                // Wrongly: nothing is the matter with it.
                cluster.Map.DeclareDead(silo.Name);
                break;
            case 6:
                cluster.Map.Leave(silo.Name);
                break;
            default:
                cluster.Map.MoveSomething();
                break;
        }
    }

    private void CrashAndRestart(SimSilo silo)
    {
        cluster.Restart(silo);
        _world.After(_world.Between(1, 800), () => cluster.Map.DeclareDead(silo.Name));
    }

    private void Stop(SimSilo silo)
    {
        _world.Note($"{silo.Name} stops");
        silo.Stop();
        var lengthUs = _world.Between(50, 3000);
        _world.After(lengthUs, () =>
        {
            _world.Note($"{silo.Name} goes on");
            silo.Continue();
        });
        DeclareDeadPerhaps(silo, lengthUs);
    }

    /// <summary>Cuts a silo off from some others, the map among them perhaps, in one direction or both.</summary>
    private void CutOff(SimSilo silo)
    {
        string[] others = [.. cluster.Silos.Select(other => other.Name), "map"];
        foreach (var other in others.Where(_ => _world.Chance(0.6)))
        {
            var direction = _world.Random.Next(3);
            if (direction != 0) cluster.Network.Cut(silo.Name, other);
            if (direction != 1) cluster.Network.Cut(other, silo.Name);
        }

        _world.Note($"{silo.Name} is cut off");
        var lengthUs = _world.Between(50, 3000);
        _world.After(lengthUs, cluster.Network.Mend);
        DeclareDeadPerhaps(silo, lengthUs);
    }

    private void DeclareDeadPerhaps(SimSilo silo, long lengthUs)
    {
        if (lengthUs > 500_000 && _world.Chance(0.5)) _world.After(_world.Between(300, lengthUs / 1000.0), () => cluster.Map.DeclareDead(silo.Name));
    }
}

using OrleansKv.Contracts;
using OrleansKv.Engine.Replication;
using OrleansKv.Grains.Cluster;

namespace OrleansKv.Simulation;

/// <summary>
/// A process of the cluster: the state machines under test, a journal and slots of counters in memory, and a clock that is off and not quite as fast
/// as others. Stopped, its messages wait for it; crashed, everything is gone.
/// </summary>
internal sealed class SimSilo : IReplicationHost
{
    private readonly Cluster _cluster;
    private readonly World _world;
    private readonly List<byte[]> _journal = [];
    private readonly Queue<Action> _inbox = new();
    private readonly Counter[] _counters;
    private readonly long[] _lastLsn;

    // By slot: whose records concern it, and from where on.
    private readonly (string? Primary, long SinceLsn)[] _followed;
    private readonly double _clockRate;
    private readonly long _clockOffsetMs;
    private long _askedToLeaveMs = long.MinValue / 2;

    public SimSilo(Cluster cluster, string name)
    {
        _cluster = cluster;
        _world = cluster.World;
        Name = name;
        _counters = new Counter[cluster.SlotCount];
        _lastLsn = new long[cluster.SlotCount];
        _followed = new (string?, long)[cluster.SlotCount];
        _clockRate = cluster.ClockError * (2 * _world.Random.NextDouble() - 1) + 1;
        _clockOffsetMs = _world.Random.Next(1_000_000);
        if (cluster.ClockError == 0) _clockOffsetMs = 0;
        Replication = new SiloReplication(name, cluster.Options, this, cluster.SlotCount);
    }

    public string Name { get; }

    public SiloReplication Replication { get; }

    public bool IsStopped { get; private set; }

    public bool IsCrashed { get; private set; }

    /// <summary>This machine's clock, in milliseconds.</summary>
    public long NowMs => _clockOffsetMs + (long)(_world.NowUs * _clockRate / 1000);

    public long JournalEnd => _journal.Count;

    public Counter this[int slot] => _counters[slot];

    /// <summary>Whether a client that asked now could be given an answer at once or as soon as it is committed.</summary>
    public bool IsOwnerNow(int slot) => !IsCrashed && !IsStopped && Replication.IsServing(slot) && Replication.Barrier.Passes(0, NowMs);

    /// <summary>Runs something in the process: now, when it goes on, or never.</summary>
    public void Run(Action action)
    {
        if (IsCrashed) return;
        if (IsStopped) _inbox.Enqueue(action);
        else action();
    }

    public void Start()
    {
        _cluster.Map.Join(this);
        Tick();
    }

    public void Crash()
    {
        IsCrashed = true;
        _inbox.Clear();
    }

    public void Stop() => IsStopped = true;

    public void Continue()
    {
        if (!IsStopped) return;
        IsStopped = false;
        for (var count = _inbox.Count; count > 0 && !IsCrashed; count--) _inbox.Dequeue()();
    }

    /// <summary>A client's command: increments or reads slots.</summary>
    public void Execute(ClientOperation operation, Action<ClientReply> reply)
    {
        var isOther = operation.IsOfEverySlot
            && !Replication.Map.RangesOf(Name).SelectMany(range => Enumerable.Range(range.First, range.Count)).SequenceEqual(operation.Slots);
        if (isOther || operation.Slots.Any(slot => !Replication.IsServing(slot)))
        {
            reply(new ClientReply(IsExecuted: false, []));
            return;
        }

        var entries = operation.Slots
            .Select(slot => (slot, operation.Id, operation.IsWrite ? _counters[slot].Increment(operation.Id) : _counters[slot])).ToArray();
        if (operation.IsWrite)
        {
            _journal.Add(CounterRecord.Write(entries, operation.IsOfEverySlot));
            foreach (var (slot, _, result) in entries) (_counters[slot], _lastLsn[slot]) = (result, JournalEnd);
        }

        Counter[] results = [.. entries.Select(entry => entry.Item3)];
        var lsn = operation.Slots.Max(slot => _lastLsn[slot]);
        var waiter = new Waiter(this, operation, results, reply);
        if (Replication.Barrier.PassOrWait(lsn, NowMs, waiter)) waiter.OnCommitted();
        Replication.Pump(NowMs);
    }

    bool IReplicationHost.TryRead(long afterLsn, long throughLsn, int maxBytes, List<StreamItem> items)
    {
        if (afterLsn < JournalEnd - _cluster.BacklogRecords) return false;
        var bytes = 0;
        for (var lsn = afterLsn + 1; lsn <= throughLsn && bytes < maxBytes; lsn++)
        {
            items.Add(StreamItem.Record(lsn, _journal[(int)lsn - 1]));
            bytes += items[^1].Size;
        }

        return true;
    }

    ISlotContent IReplicationHost.Copy(int slot, long epoch) => new Content(this, slot, epoch);

    void IReplicationHost.BeginStream(string primary)
    {
        for (var slot = 0; slot < _followed.Length; slot++)
            if (_followed[slot].Primary == primary) _followed[slot] = default;
    }

    void IReplicationHost.ApplyRecords(string primary, StreamItem record)
    {
        var entries = CounterRecord.Read(record.Bytes).ToDictionary(entry => entry.Slot);
        var isOfEverySlot = CounterRecord.IsOfEverySlot(record.Bytes);
        for (var slot = 0; slot < _followed.Length; slot++)
        {
            var (from, since) = _followed[slot];
            if (from != primary || record.Lsn <= since || !(isOfEverySlot || entries.ContainsKey(slot))) continue;
            Check.That(entries.ContainsKey(slot), $"{Name} applies {primary}'s record {record.Lsn} to slot {slot}, which was another's then.");
            var (_, operation, result) = entries[slot];
            _counters[slot] = _counters[slot].Increment(operation);
            Check.That(_counters[slot] == result, $"{Name} applies {primary}'s record {record.Lsn} to slot {slot} and gets {_counters[slot]}, not {result}.");
        }
    }

    void IReplicationHost.ApplyPiece(string primary, StreamItem piece)
    {
        var isLast = piece.Position.HasFlag(PiecePosition.Last);
        _counters[piece.Slot] = isLast ? CounterRecord.ReadCounter(piece.Bytes.Span) : default;
        _followed[piece.Slot] = isLast ? (primary, piece.Lsn) : default;
    }

    void IReplicationHost.Keep(int slot, long epoch) => _world.Note($"{Name} keeps slot {slot}, epoch {epoch}");

    void IReplicationHost.Follow(string primary, int slot, long sinceLsn) => _followed[slot] = (primary, sinceLsn);

    void IReplicationHost.HoldBack(int slot)
    {
    }

    void IReplicationHost.Serve(int slot, long epoch)
    {
        _lastLsn[slot] = 0;
        _followed[slot] = default;
        _world.Note($"{Name} serves slot {slot}, epoch {epoch}, from {_counters[slot].Count}");
    }

    void IReplicationHost.Freeze(int slot) => _world.Note($"{Name} freezes slot {slot}");

    void IReplicationHost.Thaw(int slot) => _world.Note($"{Name} thaws slot {slot}");

    void IReplicationHost.Drop(int slot)
    {
        _counters[slot] = default;
        _followed[slot] = default;
        _world.Note($"{Name} drops slot {slot}");
    }

    void IReplicationHost.Send(string replica, ReplicateRequest request)
    {
        NoteSession(replica, request);
        _cluster.Network.Send(Name, replica, () => _cluster.Deliver(replica, to =>
        {
            var reply = to.Replication.OnRequest(request, to.NowMs);
            _cluster.Network.Send(replica, Name, () => Run(() => Replication.OnReply(replica, reply, NowMs)));
        }));
    }

    void IReplicationHost.Report(InSyncReport report)
    {
        _world.Note($"{Name} reports in sync at {report.Version}: {string.Join(' ', report.InSync.Select(copy => $"{copy.Silo}/{copy.Through}"))}");
        _cluster.Map.Send(this, () => _cluster.Map.Apply(report));
    }

    void IReplicationHost.Report(MoveReport report)
    {
        _world.Note($"{Name} reports at {report.Version}: slots {report.First}-{report.Last} are {report.Target}'s");
        _cluster.Map.Send(this, () => _cluster.Map.Apply(report));
    }

    void IReplicationHost.RefreshMap(long staleVersion) => _cluster.Map.Send(this, () => { });

    void IReplicationHost.OnDeclaredDead()
    {
        _world.Note($"{Name} learns that it was declared dead");
        _cluster.Restart(this);
    }

    private void Tick()
    {
        Run(() =>
        {
            Replication.Pump(NowMs);
            if (_cluster.IsBalancing) Move();
            Leave();
        });
        if (!IsCrashed) _world.After(10_000, Tick);
    }

    /// <summary>A silo that leaves says so again and again until it is gone.</summary>
    private void Leave()
    {
        if (Replication.Map.Find(Name)?.State != MemberState.Leaving || NowMs - _askedToLeaveMs < 200) return;
        _askedToLeaveMs = NowMs;
        _cluster.Map.Send(this, () => _cluster.Map.Leave(Name));
    }

    /// <summary>Makes the moves that are this silo's, as the plan says.</summary>
    private void Move()
    {
        if (Replication.HandedOver != null) return;
        foreach (var move in MovePlan.Next(Replication.Map))
            if (move.From == Name && Replication.BeginHandOver(move.First, move.Last, move.To, NowMs)) return;
    }

    private void NoteSession(string replica, ReplicateRequest request)
    {
        if (request.Sequence == 0 && request.Items.Count > 0) _world.Note($"{Name} → {replica} session {request.Session}: {request.Items.Count} items");
    }

    /// <summary>A slot on its way: some whole, others the count first, as it is then, and all of it later, as a big slot comes.</summary>
    private sealed class Content(SimSilo silo, int slot, long epoch) : ISlotContent
    {
        private int _pieces;

        public StreamItem Next()
        {
            var bytes = new byte[16];
            CounterRecord.WriteCounter(bytes, silo._counters[slot]);
            var isLast = slot % 2 == 0 || _pieces == 2;
            var position = (_pieces++ == 0 ? PiecePosition.First : PiecePosition.Middle) | (isLast ? PiecePosition.Last : PiecePosition.Middle);
            return isLast
                ? new StreamItem(silo.JournalEnd, slot, epoch, position, bytes)
                : new StreamItem(0, slot, epoch, position, bytes.AsMemory(0, 8));
        }

        public void Dispose()
        {
        }
    }

    /// <summary>A client's connection at the barrier.</summary>
    private sealed class Waiter(SimSilo silo, ClientOperation operation, Counter[] results, Action<ClientReply> reply) : ICommitWaiter
    {
        public void OnCommitted()
        {
            silo._cluster.Checker.OnAcknowledged(operation, results);
            reply(new ClientReply(IsExecuted: true, results));
        }

        // The connection is closed: the client hears nothing.
        public void OnLost()
        {
        }
    }
}

namespace OrleansKv.Engine.Replication;

/// <summary>
/// A primary's stream to one of its replicas: copies of slots, one at a time and piece by piece, between the records of the journal. The last piece
/// of a copy stands behind the records whose effects the copy has, and before all others; at the replica, records do nothing to a slot before that one.
/// What is on the way is bounded, and kept until it is acknowledged.
/// </summary>
internal sealed class PrimaryLink
{
    private readonly ReplicationOptions _options;
    private readonly IReplicationHost _host;
    private readonly Queue<int> _toCopy = new();
    private readonly List<StreamItem> _window = [];
    // Numbers of the requests that were not answered.
    private readonly Queue<long> _requests = new();
    private long _lastNumber;
    private long _windowStart;
    private int _windowBytes;
    private long _sentSequence;
    private long _enqueuedLsn;
    private ISlotContent? _copy;
    private (int Slot, long Epoch) _copied;
    private StreamItem? _lastPiece;
    private long _copiesEnd;
    private long _copiesThrough = -1;
    private bool _isCopyNext;
    private long _sentMs = long.MinValue / 2;
    private long _progressMs = long.MinValue / 2;
    private long _mapVersion;

    public PrimaryLink(string silo, ReplicationOptions options, IReplicationHost host, long nowMs)
    {
        Silo = silo;
        _options = options;
        _host = host;
        HeardMs = nowMs;
    }

    public string Silo { get; }

    /// <summary>It is to have copies of all slots; else it only keeps those that it has given this silo.</summary>
    public bool IsReplica { get; set; }

    public long Session { get; private set; }

    /// <summary>When the replica last answered.</summary>
    public long HeardMs { get; private set; }

    /// <summary>How long the replica's promise can be counted on.</summary>
    public long PromisedUntilMs { get; private set; } = long.MinValue;

    /// <summary>The replica has all records up to here.</summary>
    public long AckedLsn { get; private set; }

    /// <summary>The replica has copies of all slots whose epoch is no higher; -1 before the first copy is complete.</summary>
    public long Through { get; private set; } = -1;

    /// <summary>The latest map that the replica knew when it acknowledged something of this session.</summary>
    public long ConfirmedVersion { get; private set; } = -1;

    /// <summary>The replica cannot continue, or the journal no longer has what it needs: it takes a new session.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The commit position waits for this replica, though the map may not call it in sync yet.</summary>
    public bool IsAwaited { get; set; }

    /// <summary>What had been acknowledged to clients when the waiting began is no later than this.</summary>
    public long AwaitedFromLsn { get; set; }

    /// <summary>The window reaches to the journal's end, as of a moment ago: from here, waiting for the replica delays nobody for long.</summary>
    public bool IsNearEnd => _toCopy.Count == 0 && _copy == null && _windowBytes < _options.WindowBytes;

    /// <summary>What comes after this record would be sent at once; null where it would have to wait for an answer.</summary>
    public long? SendsAfterLsn =>
        !IsBroken && _windowBytes < _options.WindowBytes && _requests.Count < _options.MaxRequests ? _enqueuedLsn : null;

    private long WindowEnd => _windowStart + _window.Count;

    /// <summary>Begins a new session, with the records from here on.</summary>
    public void Begin(long session)
    {
        Session = session;
        _toCopy.Clear();
        _window.Clear();
        EndCopy();
        _windowStart = _sentSequence = 0;
        _windowBytes = 0;
        _requests.Clear();
        _enqueuedLsn = AckedLsn = _host.JournalEnd;
        Through = _copiesThrough = -1;
        _copiesEnd = 0;
        ConfirmedVersion = -1;
        IsBroken = IsAwaited = false;
    }

    /// <summary>Nothing more is sent: the silo is no replica any more.</summary>
    public void End() => EndCopy();

    /// <summary>Tells the silo that the slots, which it keeps, are what it has given, and that records from here on concern them.</summary>
    public void Mark(IEnumerable<int> slots, long epoch)
    {
        foreach (var slot in slots) Enqueue(new StreamItem(_host.JournalEnd, slot, epoch, PiecePosition.Kept, default));
    }

    /// <summary>Has slots copied, after which the replica has all that this silo owns under this map.</summary>
    public void Copy(IEnumerable<int> slots, long mapVersion)
    {
        foreach (var slot in slots) _toCopy.Enqueue(slot);
        _copiesThrough = mapVersion;
        NoteCopiesQueued();
    }

    /// <summary>Whether the replica has not answered for so long that it is given up.</summary>
    public bool IsSilent(long nowMs) => nowMs - HeardMs >= _options.SilenceMs;

    /// <summary>Sends what there is and what is due.</summary>
    /// <param name="self">This silo.</param>
    /// <param name="mapVersion">The map it knows.</param>
    /// <param name="epochOf">The epoch under which it owns a slot; -1 where it does not.</param>
    /// <param name="nowMs">The time.</param>
    public void Pump(string self, long mapVersion, Func<int, long> epochOf, long nowMs)
    {
        // What the replica confirms under a new map decides what it may be reported for: that is asked at once.
        var isMapNew = mapVersion != _mapVersion;
        _mapVersion = mapVersion;
        if (nowMs - _progressMs >= _options.RetransmitMs)
        {
            _requests.Clear();
            _sentSequence = _windowStart;
            _progressMs = nowMs;
        }

        if (!IsBroken) Fill(epochOf);
        while (!IsBroken && _requests.Count < _options.MaxRequests && _sentSequence < WindowEnd) Send(self, nowMs);
        if (isMapNew || nowMs - _sentMs >= _options.HeartbeatMs) Send(self, nowMs);
    }

    /// <summary>Takes an answer in.</summary>
    public void OnReply(ReplicateReply reply, long nowMs)
    {
        HeardMs = nowMs;
        if (reply.IsPromise) PromisedUntilMs = Math.Max(PromisedUntilMs, reply.SentMs + _options.LeaseMs);
        if (reply.Session != Session) return;

        // Whatever was sent before a request that was answered has arrived by now, or is lost.
        while (_requests.TryPeek(out var number) && number <= reply.Number) _requests.Dequeue();
        if (_window.Count == 0 || reply.NextSequence > _windowStart) _progressMs = nowMs;
        if (reply.NextSequence < 0)
        {
            // Before the replica has begun the session, the request that begins it may just be late.
            if (ConfirmedVersion >= 0) IsBroken = true;
            return;
        }

        if (reply.IsPromise) ConfirmedVersion = Math.Max(ConfirmedVersion, reply.MapVersion);
        Acknowledge(reply.NextSequence);

        // What came out of order was passed over, and is sent again at once; a replica whose map is behind is given time.
        if (_requests.Count == 0 && reply.MapVersion >= _mapVersion)
            _sentSequence = Math.Max(_windowStart, Math.Min(_sentSequence, reply.NextSequence));
    }

    private void Acknowledge(long nextSequence)
    {
        if (nextSequence > WindowEnd) throw new InvalidOperationException($"{Silo} acknowledges {nextSequence} of {WindowEnd} items.");
        var count = (int)Math.Max(0, nextSequence - _windowStart);
        for (var i = 0; i < count; i++)
        {
            _windowBytes -= _window[i].Size;
            if (_window[i].IsRecord) AckedLsn = _window[i].Lsn;
        }

        _window.RemoveRange(0, count);
        _windowStart += count;
        _sentSequence = Math.Max(_sentSequence, _windowStart);
        NoteCopiesAcknowledged();
    }

    /// <summary>Takes records and copies in turn, so that neither starves the other.</summary>
    private void Fill(Func<int, long> epochOf)
    {
        while (_windowBytes < _options.WindowBytes)
        {
            if (_lastPiece is { } last && _enqueuedLsn >= last.Lsn)
            {
                Enqueue(last);
                EndCopy();
                NoteCopiesQueued();
            }
            else if (_lastPiece == null && (_copy != null || _toCopy.Count > 0) && (_isCopyNext || _enqueuedLsn == _host.JournalEnd))
            {
                FillPiece(epochOf);
            }
            else if (_enqueuedLsn == _host.JournalEnd || !FillRecords())
            {
                return;
            }
        }
    }

    /// <summary>Goes on with the copy of a slot, or with the next one.</summary>
    private void FillPiece(Func<int, long> epochOf)
    {
        if (_copy == null)
        {
            var slot = _toCopy.Dequeue();
            _copied = (slot, epochOf(slot));
            if (_copied.Epoch >= 0) _copy = _host.Copy(slot, _copied.Epoch);
        }
        else if (epochOf(_copied.Slot) != _copied.Epoch)
        {
            EndCopy();
        }

        _isCopyNext = false;
        if (_copy == null)
        {
            NoteCopiesQueued();
            return;
        }

        var piece = _copy.Next();
        if (piece.Position.HasFlag(PiecePosition.Last)) _lastPiece = piece;
        else Enqueue(piece);
    }

    private void EndCopy()
    {
        _copy?.Dispose();
        _copy = null;
        _lastPiece = null;
    }

    private bool FillRecords()
    {
        var first = _window.Count;
        var through = _lastPiece?.Lsn ?? _host.JournalEnd;
        if (!_host.TryRead(_enqueuedLsn, through, Math.Max(1, _options.WindowBytes - _windowBytes), _window))
        {
            IsBroken = true;
            return false;
        }

        for (var i = first; i < _window.Count; i++) _windowBytes += _window[i].Size;
        _enqueuedLsn = _window[^1].Lsn;
        _isCopyNext = true;
        return true;
    }

    private void Enqueue(StreamItem item)
    {
        _window.Add(item);
        _windowBytes += item.Size;
    }

    private void NoteCopiesQueued()
    {
        if (_toCopy.Count > 0 || _copy != null) return;
        _copiesEnd = WindowEnd;
        NoteCopiesAcknowledged();
    }

    private void NoteCopiesAcknowledged()
    {
        if (_toCopy.Count == 0 && _copy == null && _windowStart >= _copiesEnd) Through = _copiesThrough;
    }

    private void Send(string self, long nowMs)
    {
        var items = new List<StreamItem>();
        var first = _sentSequence;
        for (var bytes = 0; !IsBroken && _sentSequence < WindowEnd && bytes < _options.BatchBytes; _sentSequence++)
        {
            var item = _window[(int)(_sentSequence - _windowStart)];
            items.Add(item);
            bytes += item.Size;
        }

        _requests.Enqueue(++_lastNumber);
        _sentMs = nowMs;
        _host.Send(Silo, new ReplicateRequest(self, _mapVersion, Session, first, _lastNumber, nowMs, items));
    }
}

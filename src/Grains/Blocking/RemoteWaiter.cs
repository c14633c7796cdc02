using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Grains.Blocking;

/// <summary>A client of another silo's gateway that waits for keys of this silo: it is offered what comes, and pops in a call of its own.</summary>
internal sealed class RemoteWaiter : ClientSession
{
    private const int Idle = 0;
    private const int Offered = 1;

    private readonly RemoteWaits _waits;
    private int _state;
    private long _offeredMs;

    public RemoteWaiter(RemoteWaits waits, string gateway, long id)
    {
        _waits = waits;
        Gateway = gateway;
        Id = id;
    }

    /// <summary>The silo of the client's gateway.</summary>
    public string Gateway { get; }

    /// <summary>The wait, as that gateway calls it.</summary>
    public long Id { get; }

    /// <summary>Held during each of the client's calls; never where a slot lock is held.</summary>
    public Lock Gate { get; } = new();

    /// <summary>The command, once it waits.</summary>
    public BlockedCommand? Command { get; private set; }

    /// <summary>When its gateway last called, on the store's clock.</summary>
    public long CalledMs { get; set; }

    /// <summary>Who executes the client's call: those behind it are served meanwhile.</summary>
    public Worker? Taking { get; set; }

    public override bool MayBlock => Command == null;

    public override void Blocked(BlockedCommand command) => Command = command;

    public override void Unblocked(BlockedCommand command, ReplyBuffer reply) =>
        throw new InvalidOperationException("Who waits elsewhere is asked before it is served.");

    // Under slot locks.
    public override OfferOutcome Offer(Worker worker)
    {
        if (Taking == worker || Command is { HasEnded: true }) return OfferOutcome.PassOver;
        if (Interlocked.CompareExchange(ref _state, Offered, Idle) == Idle)
        {
            Volatile.Write(ref _offeredMs, _waits.NowMs);
            _waits.Ask(this);
            return OfferOutcome.Ask;
        }

        return IsOverdue ? OfferOutcome.PassOver : OfferOutcome.Ask;
    }

    /// <summary>True where the client was asked and has not answered for so long that others come first.</summary>
    public bool IsOverdue => Volatile.Read(ref _state) == Offered && _waits.NowMs - Volatile.Read(ref _offeredMs) > RemoteWaits.AnswerMs;

    /// <summary>The client is here: what comes from now on is offered anew.</summary>
    public void Answered() => Volatile.Write(ref _state, Idle);
}

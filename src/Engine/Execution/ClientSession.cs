using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Execution;

/// <summary>What the engine knows of who sends commands. A gateway's connection is one; so is a grain call's caller.</summary>
public abstract class ClientSession
{
    /// <summary>The selected database.</summary>
    public int Database { get; set; }

    /// <summary>True after HELLO 3.</summary>
    public bool Resp3 { get; set; }

    /// <summary>CLIENT NO-TOUCH: reads leave the access clock alone.</summary>
    public bool NoTouch { get; set; }

    /// <summary>READONLY: reads are executed on a replica's copy of a slot too.</summary>
    public bool ReadsReplicas { get; set; }

    /// <summary>
    /// SCAN ends before a slot of another silo, with the cursor that goes on there: the session sees the keys of all silos. Otherwise it
    /// passes such slots over.
    /// </summary>
    public bool ScansAllSilos { get; set; }

    /// <summary>Whether a command may wait here. Not in a transaction, not for a caller that cannot be answered later.</summary>
    public abstract bool MayBlock { get; }

    /// <summary>
    /// A key that a command of this session waits for has come to be, and the command is next: whether it is served. Under slot locks; returns at once.
    /// </summary>
    /// <param name="worker">Who would serve it.</param>
    public virtual OfferOutcome Offer(Worker worker) => OfferOutcome.Serve;

    /// <summary>The command under way found nothing and waits; the session executes nothing until the wait has ended.</summary>
    public abstract void Blocked(BlockedCommand command);

    /// <summary>The wait has ended with this reply, which the session takes over. Any thread; the buffer is the session's to dispose of.</summary>
    public abstract void Unblocked(BlockedCommand command, ReplyBuffer reply);
}

// Stands for Orleans.Runtime.Message and Orleans.Runtime.CallbackData: one call of a grain or an observer and its caller's wait for it.
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace OrleansKv.LocalRuntime;

/// <summary>What the calls of one silo or client have in common. The silo is null in a client.</summary>
internal sealed record CallHost(TimeProvider Time, LocalRuntime? Silo, Mischief? Mischief);

internal sealed class GrainCall : Request
{
    /// <summary>A call that has met this many activations in a row that went before they ran anything is given up.</summary>
    private const int MaxForwardCount = 10;

    private readonly CallHost _host;
    private readonly PendingResult _answer;
    private ITimer? _timeout;
    private CancellationTokenRegistration _cancellation;
    private CallReply? _reply;

    public GrainCall(
        CallHost host, GrainId target, InvokableMethod method, object?[] arguments, PendingResult answer, TimeSpan timeout)
    {
        _host = host;
        Target = target;
        Method = method;
        Arguments = arguments;
        Timeout = timeout;
        _answer = answer;
        if (method.IsOneWay)
            _answer.TrySetResult(null);
        else if (!answer.IsRemote)
            StartTimer();
    }

    public GrainId Target { get; }

    public InvokableMethod Method { get; }

    public object?[] Arguments { get; }

    /// <summary>How long the caller waits.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>How many times in a row the call was sent on without anything having run where it came.</summary>
    public int ForwardCount { get; set; }

    public Type InterfaceType => Method.InterfaceType;

    /// <summary>What the caller gets at once: the task of the result.</summary>
    public object? Returned => _answer.Returned;

    public override bool AlwaysInterleave => Method.AlwaysInterleave;

    public override bool IsReadOnly => Method.IsReadOnly;

    public override async Task ExecuteAsync(Activation activation)
    {
        var failure = await InvokeAsync(activation.GrainInstance!);
        if (failure is InconsistentStateException)
            activation.Deactivate(new(DeactivationReasonCode.ApplicationError, failure, "The state in storage is another's by now."));
        else if (_host.Mischief?.RollsDeactivation() == true)
            activation.Deactivate(new(DeactivationReasonCode.RuntimeRequested, "Mischief."));
    }

    /// <summary>Runs the method on its target and answers the caller; returns the exception that was the answer.</summary>
    public async Task<Exception?> InvokeAsync(object target)
    {
        try
        {
            object? result = await Method.InvokeAsync(target, Arguments, copiesResult: !_answer.IsRemote);
            if (_host.Mischief?.RollsLostReply() == true)
                TimeOut();
            else
                Complete(result);
            return null;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Reject(exception);
            return exception;
        }
    }

    public void Complete(object? result)
    {
        if (Ends())
            _answer.TrySetResult(result);
    }

    public override void Reject(Exception exception)
    {
        if (Ends())
            _answer.TrySetException(exception);
    }

    /// <summary>The call was sent over a link. Its outcome comes from there, or is a timeout.</summary>
    public void SentAs(CallReply reply)
    {
        _reply = reply;
        if (_timeout is null)
            StartTimer();
        ObserveCancellation();
    }

    /// <summary>A caller that cancels does not wait for the method to notice; that is told, on whatever silo it runs.</summary>
    public void ObserveCancellation()
    {
        if (_cancellation == default && Method.FindToken(Arguments) is { CanBeCanceled: true } token)
            _cancellation = token.UnsafeRegister(static (call, token) => ((GrainCall)call!).Cancel(token), this);
    }

    public override bool TryForward(LocalRuntime runtime, bool hasProgressed)
    {
        if (!_answer.TryRedirect(hasProgressed) && CountsForward(hasProgressed))
            runtime.Deliver(this);
        return true;
    }

    /// <summary>False, and the call has ended, if it was sent on too often.</summary>
    public bool CountsForward(bool hasProgressed)
    {
        ForwardCount = hasProgressed ? 0 : ForwardCount + 1;
        if (ForwardCount <= MaxForwardCount)
            return true;
        Reject(new OrleansMessageRejectionException($"{this} was forwarded {MaxForwardCount} times and found no activation that stays."));
        return false;
    }

    /// <summary>The silo at the other end of the link does not have the grain, and did not run the call.</summary>
    public void Redirect(Link link, Redirection redirection)
    {
        if (_host.Silo?.Cluster is { } cluster)
            cluster.Redirect(this, link.Silo!, redirection);
        else
            Reject(new OrleansMessageRejectionException($"{this} was refused by {link.Peer}."));
    }

    public override string ToString() => $"{Method} on {Target}";

    private void StartTimer() => _timeout = _host.Time.CreateTimer(
        static call => ((GrainCall)call!).TimeOut(), this, Timeout, System.Threading.Timeout.InfiniteTimeSpan);

    private void TimeOut() => Reject(new TimeoutException($"Response did not arrive on time for {this}."));

    private void Cancel(CancellationToken token)
    {
        if (_reply is { } reply)
            reply.Link.SendCancel(reply.Id);
        Reject(new OperationCanceledException(token));
    }

    /// <summary>A one-way call has ended for its caller before it began.</summary>
    private bool Ends()
    {
        _timeout?.Dispose();
        _cancellation.Unregister();
        if (_reply is { } reply)
            reply.Link.Forget(reply.Id);
        return !Method.IsOneWay;
    }
}

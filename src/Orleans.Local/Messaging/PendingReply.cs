// Stands for Orleans.Runtime.CallbackData on the caller's side of a connection.
namespace OrleansKv.LocalRuntime;

/// <summary>Something sent on a link whose answer is outstanding.</summary>
internal abstract class PendingReply(long id)
{
    public long Id => id;

    public abstract void Complete(WireReader reader);

    public abstract void Fail(Exception exception);

    public abstract void Redirect(Redirection redirection);
}

internal sealed class CallReply(Link link, long id, GrainCall call) : PendingReply(id)
{
    public Link Link => link;

    public override void Complete(WireReader reader) => call.Complete(call.Method.ReadResult(reader));

    public override void Fail(Exception exception) => call.Reject(exception);

    public override void Redirect(Redirection redirection) => call.Redirect(link, redirection);
}

internal sealed class QuestionReply(long id) : PendingReply(id)
{
    private readonly TaskCompletionSource<object?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<object?> Task => _answer.Task;

    public override void Complete(WireReader reader) => _answer.TrySetResult(Codecs.Of<object>().Read(reader));

    public override void Fail(Exception exception) => _answer.TrySetException(exception);

    public override void Redirect(Redirection redirection) => _answer.TrySetException(new InvalidOperationException("A question is not redirected."));
}

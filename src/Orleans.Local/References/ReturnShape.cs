// Stands for Orleans.Runtime.TaskRequest<T>, Request<T> and VoidRequest: the return types that a grain method may have.
using Orleans;

namespace OrleansKv.LocalRuntime;

/// <summary>A return type: how a caller's pending result is made, and how a callee's is awaited.</summary>
internal abstract class ReturnShape
{
    public static ReturnShape Of(Type type)
    {
        if (type == typeof(void))
            return new VoidShape();
        if (type == typeof(Task))
            return new TaskShape();
        if (type == typeof(ValueTask))
            return new ValueTaskShape();
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        var shape = generic == typeof(Task<>) ? typeof(TaskShape<>)
            : generic == typeof(ValueTask<>) ? typeof(ValueTaskShape<>)
            : throw new NotSupportedException($"A grain method cannot return {type}.");
        return (ReturnShape)Activator.CreateInstance(shape.MakeGenericType(type.GetGenericArguments()))!;
    }

    public abstract PendingResult NewPending();

    public abstract Task<object?> AwaitAsync(object? returned);

    private sealed class VoidShape : ReturnShape
    {
        public override PendingResult NewPending() => new Pending<object?>(_ => null);

        public override Task<object?> AwaitAsync(object? returned) => Task.FromResult<object?>(null);
    }

    private sealed class TaskShape : ReturnShape
    {
        public override PendingResult NewPending() => new Pending<object?>(task => task);

        public override async Task<object?> AwaitAsync(object? returned)
        {
            await (Task)returned!;
            return null;
        }
    }

    private sealed class TaskShape<T> : ReturnShape
    {
        public override PendingResult NewPending() => new Pending<T>(task => task);

        public override async Task<object?> AwaitAsync(object? returned) => await (Task<T>)returned!;
    }

    private sealed class ValueTaskShape : ReturnShape
    {
        public override PendingResult NewPending() => new Pending<object?>(task => new ValueTask(task));

        public override async Task<object?> AwaitAsync(object? returned)
        {
            await (ValueTask)returned!;
            return null;
        }
    }

    private sealed class ValueTaskShape<T> : ReturnShape
    {
        public override PendingResult NewPending() => new Pending<T>(task => new ValueTask<T>(task));

        public override async Task<object?> AwaitAsync(object? returned) => await (ValueTask<T>)returned!;
    }

    private sealed class Pending<T>(Func<Task<T>, object?> wrap) : PendingResult
    {
        private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override object? Returned => wrap(_source.Task);

        public override bool TrySetResult(object? result) => _source.TrySetResult((T)result!);

        public override bool TrySetException(Exception exception) => _source.TrySetException(exception);
    }
}

/// <summary>The result that a caller waits for. The first outcome counts: an answer after the timeout is dropped.</summary>
internal abstract class PendingResult
{
    /// <summary>What the caller's call returns.</summary>
    public abstract object? Returned { get; }

    /// <summary>Whether the caller is in another process, or beyond a socket as if it were.</summary>
    public virtual bool IsRemote => false;

    public abstract bool TrySetResult(object? result);

    public abstract bool TrySetException(Exception exception);

    /// <summary>Has the caller look elsewhere for a call that was not executed; false if it is to be sent on from here.</summary>
    public virtual bool TryRedirect(bool hasProgressed) => false;
}

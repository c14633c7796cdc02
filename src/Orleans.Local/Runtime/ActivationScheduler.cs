// Stands for Orleans.Runtime.Scheduler.WorkItemGroup and ActivationTaskScheduler.
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Runs the tasks of one activation one at a time, in order, on the thread pool. An await inside a grain captures this scheduler,
/// so what follows the await is a turn here too: that is all there is to a grain being single-threaded.
/// </summary>
internal sealed class ActivationScheduler(IGrainContext activation) : TaskScheduler, IThreadPoolWorkItem
{
    /// <summary>After so many turns the thread goes to the back of the pool's queue, for fairness between activations.</summary>
    private const int TurnsPerQuantum = 64;

    private readonly Queue<Task> _tasks = new();
    private bool _isScheduled;

    /// <summary>Starts <paramref name="work"/> as a turn. What is local to the caller's flow is not the grain's: a call may cross a wire.</summary>
    public void Run(Func<Task> work)
    {
        using var suppressed = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);
    }

    void IThreadPoolWorkItem.Execute()
    {
        var outer = RuntimeContext.Current;
        RuntimeContext.Current = activation;
        try
        {
            for (int turn = 0; turn < TurnsPerQuantum; turn++)
            {
                if (!TryTake(out var task))
                    return;
                TryExecuteTask(task!);
            }
        }
        finally
        {
            RuntimeContext.Current = outer;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    protected override void QueueTask(Task task)
    {
        lock (_tasks)
        {
            _tasks.Enqueue(task);
            if (_isScheduled)
                return;
            _isScheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    /// <summary>A task may run inside the turn that starts it, but never on a thread that is not in a turn of this activation.</summary>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(RuntimeContext.Current, activation) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_tasks)
            return [.. _tasks];
    }

    private bool TryTake(out Task? task)
    {
        lock (_tasks)
        {
            _isScheduled = _tasks.TryDequeue(out task);
            return _isScheduled;
        }
    }
}

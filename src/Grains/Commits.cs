using Orleans.Runtime;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Replication;

namespace OrleansKv.Grains;

/// <summary>Answers of grain calls that tell of what may still be lost.</summary>
internal static class Commits
{
    /// <summary>Gives an answer once what it tells is committed. Whoever awaits it goes on elsewhere than on the thread that moves the barrier.</summary>
    /// <param name="store">Whose barrier it is.</param>
    /// <param name="lsn">What it depends on: <see cref="Worker.BarrierLsn"/>.</param>
    /// <param name="answer">The answer.</param>
    /// <exception cref="SiloUnavailableException">The silo has lost its slots meanwhile: whether the commands took effect is unknown.</exception>
    public static Task<T> Await<T>(Store store, long lsn, T answer)
    {
        if (store.Replication is not { } replication || lsn < 0 || replication.Barrier.IsOpen) return Task.FromResult(answer);
        var wait = new Wait<T>(answer);
        return replication.Barrier.PassOrWait(lsn, replication.NowMs, wait) ? Task.FromResult(answer) : wait.Task;
    }

    private sealed class Wait<T>(T answer) : ICommitWaiter
    {
        private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Task => _source.Task;

        public void OnCommitted() => _source.SetResult(answer);

        public void OnLost() =>
            _source.SetException(new SiloUnavailableException("The silo has lost its slots: whether the commands took effect is unknown."));
    }
}

// Stands for Orleans.Runtime.Internal.AsyncEnumerable<T>: the snapshots of a silo's membership, one after the other.
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>Every reader gets the snapshot that is current when it starts, and then all that follow, in order and at its own pace.</summary>
internal sealed class SnapshotStream : IAsyncEnumerable<ClusterMembershipSnapshot>
{
    private readonly Lock _gate = new();
    private Node _last = new(ClusterMembershipSnapshot.Default);
    private bool _isComplete;

    public ClusterMembershipSnapshot Current => Volatile.Read(ref _last).Snapshot;

    public void Publish(ClusterMembershipSnapshot snapshot)
    {
        Node previous;
        var next = new Node(snapshot);
        lock (_gate)
        {
            if (_isComplete)
                return;
            previous = _last;
            Volatile.Write(ref _last, next);
        }

        previous.Next.TrySetResult(next);
    }

    /// <summary>Nothing follows; readers end when they have got that far.</summary>
    public void Complete()
    {
        lock (_gate)
            _isComplete = true;
        _last.Next.TrySetResult(null);
    }

    public async IAsyncEnumerator<ClusterMembershipSnapshot> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        Node? node = Volatile.Read(ref _last);
        while (node is not null)
        {
            yield return node.Snapshot;
            node = await node.Next.Task.WaitAsync(cancellationToken);
        }
    }

    private sealed class Node(ClusterMembershipSnapshot snapshot)
    {
        public ClusterMembershipSnapshot Snapshot => snapshot;

        public TaskCompletionSource<Node?> Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

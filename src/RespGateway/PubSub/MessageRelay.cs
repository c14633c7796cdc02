using OrleansKv.Contracts;
using OrleansKv.RespGateway.Cluster;

namespace OrleansKv.RespGateway.PubSub;

/// <summary>
/// Takes what is published on this gateway to the subscribers of all others. Each silo has a queue, and one batch at a time is on its way there: so
/// messages arrive in the order in which they were sent, and a batch whose outcome is unknown is sent again, which the receiver notices. What
/// is for a silo that has left the cluster is dropped. Any thread.
/// </summary>
/// <remarks>Everybody is told of every message, as in a Redis cluster, so that who has subscribed has subscribed everywhere at that moment.</remarks>
internal sealed class MessageRelay : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SiloOutbox> _outboxes = [];
    private readonly ClusterLink _link;
    private readonly string _gateway;
    private readonly TimeProvider _time;
    private long _queuedBytes;

    /// <param name="link">The gateway's cluster.</param>
    /// <param name="gateway">A name that no other gateway, and no other run of this one, has.</param>
    /// <param name="time">Where time comes from.</param>
    public MessageRelay(ClusterLink link, string gateway, TimeProvider time)
    {
        _link = link;
        _gateway = gateway;
        _time = time;
        link.Map.Changed += OnMap;
    }

    /// <summary>What waits for other silos, in bytes.</summary>
    public long QueuedBytes => Volatile.Read(ref _queuedBytes);

    /// <summary>Whether there are other silos.</summary>
    public bool HasOthers => _link.Gateways() is var silos && (silos.Count > 1 || !silos.Contains(_link.Self));

    /// <summary>Sends a message to all other silos; one for a shard channel, in cluster mode, to those that keep copies of its slot.</summary>
    /// <param name="message">The message.</param>
    /// <param name="done">Told, on any thread, how many received it in all; null where nobody wants to know.</param>
    /// <param name="copiesOnly">Whether only replicas of this silo are meant.</param>
    public void Send(ChannelMessage message, Action<int>? done, bool copiesOnly = false)
    {
        var map = _link.Map.Current;
        var live = _link.Gateways();
        var silos = copiesOnly ? map.Find(_link.Self)?.Replicas ?? [] : live;
        var delivery = new Delivery(done);
        lock (_gate)
        {
            foreach (var silo in silos)
            {
                if (silo == _link.Self || !live.Contains(silo)) continue;
                if (!_outboxes.TryGetValue(silo, out var outbox)) _outboxes.Add(silo, outbox = new SiloOutbox(this, silo));
                delivery.Expect();
                outbox.Add(message, delivery);
            }
        }

        delivery.Complete(0);
    }

    /// <summary>Asks every other silo, and gives the answers of those that answer.</summary>
    public async Task<List<T>> AskAsync<T>(Func<ISiloMessenger, string, Task<T>> ask)
    {
        var answers = await CallOthersAsync(ask).ConfigureAwait(false);

        // A silo that does not answer has no subscribers that anything could reach.
        return [.. answers.Where(answer => answer.Failure is null).Select(answer => answer.Value!)];
    }

    /// <summary>Has every other silo do something.</summary>
    /// <param name="tell">Gives null where it was done, or why it was not.</param>
    /// <returns>Which silos did not do it, and why.</returns>
    public async Task<IReadOnlyList<string>> TellAllAsync(Func<ISiloMessenger, string, Task<string?>> tell)
    {
        var answers = await CallOthersAsync(tell).ConfigureAwait(false);
        return [.. answers.Where(answer => (answer.Failure ?? answer.Value) is not null).Select(answer => $"{answer.Silo}: {answer.Failure ?? answer.Value}")];
    }

    public void Dispose()
    {
        _link.Map.Changed -= OnMap;
        lock (_gate)
        {
            foreach (var outbox in _outboxes.Values) outbox.Close();
            _outboxes.Clear();
        }
    }

    // All other silos at once. A silo that does not answer has a failure in place of a value.
    private Task<(string Silo, T? Value, string? Failure)[]> CallOthersAsync<T>(Func<ISiloMessenger, string, Task<T>> call) =>
        Task.WhenAll(_link.Gateways().Where(silo => silo != _link.Self).Select(silo => CallAsync(silo, call)));

    private async Task<(string Silo, T? Value, string? Failure)> CallAsync<T>(string silo, Func<ISiloMessenger, string, Task<T>> call)
    {
        try
        {
            return (silo, await call(_link.Messenger!, silo).WaitAsync(SiloOutbox.CallTimeout, _time).ConfigureAwait(false), null);
        }
        catch (Exception error)
        {
            return (silo, default, error.Message);
        }
    }

    private void OnMap(SlotMap map)
    {
        var live = _link.Gateways();
        lock (_gate)
        {
            foreach (var silo in _outboxes.Keys.ToArray())
                if (!live.Contains(silo) && _outboxes.Remove(silo, out var outbox)) outbox.Close();
        }
    }

    /// <summary>The messages for one silo.</summary>
    private sealed class SiloOutbox(MessageRelay relay, string silo)
    {
        /// <summary>How long an answer is waited for before a batch is sent again: in a healthy cluster it takes a few milliseconds.</summary>
        public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(2);

        // A silo that does not answer for so long, and is in the cluster all the same, misses what it was to be told.
        private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(15);

        private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);

        // What a batch has at most: it is one message between silos.
        private const int MaxMessages = 1024;
        private const long MaxBytes = 1024 * 1024;
        private const int ObjectBytes = 128;

        private readonly Queue<(ChannelMessage Message, Delivery Delivery)> _queue = [];
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _isSending;
        private long _next;

        /// <summary>Adds a message at the end. Under the relay's lock, so that two publishers' messages have one order for all silos.</summary>
        public void Add(ChannelMessage message, Delivery delivery)
        {
            Interlocked.Add(ref relay._queuedBytes, BytesOf(message));
            lock (_queue)
            {
                _queue.Enqueue((message, delivery));
                if (_isSending) return;
                _isSending = true;
            }

            _ = Task.Run(SendAsync);
        }

        /// <summary>The silo has gone: what waits for it is not received.</summary>
        public void Close() => _closed.TrySetResult();

        private async Task SendAsync()
        {
            while (Take() is { Length: > 0 } batch)
            {
                var messages = Array.ConvertAll(batch, item => item.Message);
                var receivers = await DeliverAsync(messages).ConfigureAwait(false);
                for (var i = 0; i < batch.Length; i++)
                {
                    Interlocked.Add(ref relay._queuedBytes, -BytesOf(messages[i]));
                    batch[i].Delivery.Complete(receivers?[i] ?? 0);
                }

                _next += batch.Length;
            }
        }

        // The first messages; none where there are none, and then somebody else sends the next.
        private (ChannelMessage Message, Delivery Delivery)[] Take()
        {
            lock (_queue)
            {
                var batch = new List<(ChannelMessage, Delivery)>();
                for (long bytes = 0; batch.Count < MaxMessages && bytes < MaxBytes && _queue.TryDequeue(out var item); bytes += BytesOf(item.Message))
                    batch.Add(item);
                _isSending = batch.Count > 0;
                return [.. batch];
            }
        }

        // Null where the silo has gone, or is as good as gone.
        private async Task<int[]?> DeliverAsync(ChannelMessage[] messages)
        {
            var started = relay._time.GetTimestamp();
            while (!_closed.Task.IsCompleted && relay._link.Gateways().Contains(silo) && relay._time.GetElapsedTime(started) < GiveUpAfter)
            {
                try
                {
                    var call = relay._link.Messenger!.DeliverAsync(silo, relay._link.Self, relay._gateway, _next, messages).WaitAsync(CallTimeout, relay._time);
                    await Task.WhenAny(call, _closed.Task).ConfigureAwait(false);
                    if (call.IsCompleted) return await call.ConfigureAwait(false);
                }
                catch (Exception)
                {
                    // Whether it arrived is unknown: the receiver will know.
                    using var pause = new PeriodicTimer(RetryPause, relay._time);
                    await pause.WaitForNextTickAsync().ConfigureAwait(false);
                }
            }

            return null;
        }

        private static long BytesOf(ChannelMessage message) => ObjectBytes + message.Channel.Length + message.Payload.Length;
    }

    /// <summary>A message on its way to several silos.</summary>
    private sealed class Delivery(Action<int>? done)
    {
        private int _open = 1;
        private int _receivers;

        /// <summary>One more silo is to say how many have received it.</summary>
        public void Expect() => Interlocked.Increment(ref _open);

        /// <summary>A silo has said so, or whoever sends has named all silos.</summary>
        public void Complete(int receivers)
        {
            Interlocked.Add(ref _receivers, receivers);
            if (Interlocked.Decrement(ref _open) == 0) done?.Invoke(_receivers);
        }
    }
}

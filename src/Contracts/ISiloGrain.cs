using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansKv.Contracts;

/// <summary>
/// The actor of one silo incarnation, placed on it. Its key is the silo's address as SiloAddress.ToParsableString writes it, so that
/// a call to a silo that is gone fails instead of reaching its successor.
/// </summary>
[Alias("OrleansKv.ISiloGrain")]
public interface ISiloGrain : IGrainWithStringKey
{
    /// <summary>Executes commands in order on this silo's slots, whatever slots they are, and gives their replies in the same order.</summary>
    /// <param name="commands">RESP commands; one that needs a connection gets an error reply.</param>
    /// <param name="database">The database they work on.</param>
    /// <exception cref="TimeoutException">No answer came in time: whether the commands were executed is unknown.</exception>
    /// <exception cref="SiloUnavailableException">The silo is gone, or has lost its slots: whether the commands were executed is unknown.</exception>
    [Alias("Execute")]
    Task<RespBatch> ExecuteAsync(RespBatch commands, int database);

    /// <summary>Executes what several clients sent, one client's commands after the other's, and gives the replies once all that they tell is
    /// committed. What comes after a lot of replies is not executed, and has none: it is to be sent again. At least the first batch is.</summary>
    /// <exception cref="TimeoutException">No answer came in time: whether the commands were executed is unknown.</exception>
    /// <exception cref="SiloUnavailableException">The silo is gone, or has lost its slots: whether the commands were executed is unknown.</exception>
    [Alias("ExecuteAll")]
    Task<RespBatch[]> ExecuteAllAsync(ClientBatch[] batches);

    /// <summary>Gives how many replicas have everything that was written on this silo before the call: when they are enough, or the time is over.</summary>
    /// <param name="count">How many are enough.</param>
    /// <param name="limitMs">Milliseconds; 0 does not wait.</param>
    [Alias("CountReplicas")]
    Task<int> CountReplicasAsync(long count, int limitMs);

    /// <summary>A sign of life.</summary>
    [Alias("Ping")]
    Task PingAsync();

    /// <summary>A new version of the slot map. One that comes late, or not at all, does no harm: silos also ask.</summary>
    [Alias("UpdateMap"), OneWay]
    Task UpdateMapAsync(SlotMap map);

    /// <summary>Gives messages to the subscribers of this silo's gateway, and the number of receivers of each. A batch whose outcome is unknown
    /// may be sent again, and is delivered once.</summary>
    /// <param name="silo">The sender's silo.</param>
    /// <param name="gateway">The sender, a gateway there: it sends one batch at a time.</param>
    /// <param name="first">The number of the batch's first message among all that the sender has for this silo.</param>
    /// <param name="messages">The messages, in the order of their publication.</param>
    [Alias("Deliver")]
    Task<int[]> DeliverAsync(string silo, string gateway, long first, ChannelMessage[] messages);

    /// <summary>What this silo's gateway has subscribers for.</summary>
    [Alias("Topics")]
    Task<byte[][]> TopicsAsync(TopicKind kind);

    /// <summary>How many subscribers this silo's gateway has for each topic.</summary>
    [Alias("CountSubscribers")]
    Task<int[]> CountSubscribersAsync(TopicKind kind, byte[][] topics);

    /// <summary>CONFIG SET on this silo's server: all parameters are set, or none.</summary>
    /// <param name="pairs">Name, value, name, value, …</param>
    /// <param name="isLocalClient">Whether the client is on the machine of the server that it is connected to.</param>
    /// <returns>Null, or why nothing was set.</returns>
    [Alias("Configure")]
    Task<string?> ConfigureAsync(string[] pairs, bool isLocalClient);

    /// <summary>Executes a blocking command on this silo's slots for a client of another silo's gateway. Where there is nothing for it yet, it waits here:
    /// the gateway is woken when there is (<see cref="WakeAsync"/>), and then calls again, which pops. It also calls again every few seconds.</summary>
    /// <param name="gateway">The gateway's silo.</param>
    /// <param name="wait">The wait: a number that the gateway has for no other.</param>
    /// <param name="command">The command, in RESP.</param>
    /// <param name="database">The database it works on.</param>
    /// <exception cref="TimeoutException">No answer came in time: whether something was popped is unknown.</exception>
    [Alias("Wait")]
    Task<WaitAnswer> WaitAsync(string gateway, long wait, RespBatch command, int database);

    /// <summary>The client waits no more.</summary>
    [Alias("CancelWait")]
    Task CancelWaitAsync(string gateway, long wait);

    /// <summary>There may be something for clients of this silo's gateway that wait for keys of another. Gives the waits that are not known here.</summary>
    [Alias("Wake")]
    Task<long[]> WakeAsync(long[] waits);
}

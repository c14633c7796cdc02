using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.PubSub;

/// <summary>The subscribers of one topic, grouped by loop. Immutable: who publishes hands a group on to its loop as it is.</summary>
internal sealed class Subscribers
{
    public static readonly Subscribers None = new([], 0);

    private Subscribers(RespConnection[][] byLoop, int count)
    {
        ByLoop = byLoop;
        Count = count;
    }

    /// <summary>One array for each loop that has any, none of them empty.</summary>
    public RespConnection[][] ByLoop { get; }

    public int Count { get; }

    public Subscribers With(RespConnection client)
    {
        var at = IndexOf(client);
        if (at < 0) return new Subscribers([.. ByLoop, [client]], Count + 1);
        return Replace(at, [.. ByLoop[at], client], Count + 1);
    }

    public Subscribers Without(RespConnection client)
    {
        var at = IndexOf(client);
        if (at < 0 || !ByLoop[at].Contains(client)) return this;
        var left = Array.FindAll(ByLoop[at], other => other != client);
        return left.Length > 0 ? Replace(at, left, Count - 1) : new Subscribers(Array.FindAll(ByLoop, group => group != ByLoop[at]), Count - 1);
    }

    private int IndexOf(RespConnection client) => Array.FindIndex(ByLoop, group => group[0].Loop == client.Loop);

    private Subscribers Replace(int at, RespConnection[] group, int count)
    {
        var byLoop = (RespConnection[][])ByLoop.Clone();
        byLoop[at] = group;
        return new Subscribers(byLoop, count);
    }
}

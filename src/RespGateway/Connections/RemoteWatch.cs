using System.Buffers;
using System.Globalization;
using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Cluster;

namespace OrleansKv.RespGateway.Connections;

/// <summary>What a client watches on other silos, from a WATCH until EXEC, DISCARD or UNWATCH. On its connection's loop alone.</summary>
/// <param name="gateway">The gateway's silo.</param>
/// <param name="id">The number of the watch, which the gateway has for no other.</param>
internal sealed class RemoteWatch(string gateway, long id)
{
    // What a watched key takes beside its name.
    private const int KeyBytes = 64;

    private readonly List<(string Silo, int Slot)> _keys = [];

    /// <summary>The silos that know of it.</summary>
    public IEnumerable<string> Silos => _keys.Select(key => key.Silo).Distinct();

    /// <summary>Whether any silo knows of it.</summary>
    public bool HasKeys => _keys.Count > 0;

    /// <summary>What it takes.</summary>
    public long Bytes => _keys.Count * (long)KeyBytes;

    /// <summary>Notes that a silo is told of the keys of a WATCH.</summary>
    public void Add(string silo, ArgumentList args)
    {
        for (var i = 1; i < args.Count; i++) _keys.Add((silo, SlotHash.Of(args[i])));
    }

    /// <summary>Whether a slot of its keys has another owner by now than when it was watched: then EXEC fails.</summary>
    public bool HasMoved(RouteTable routes) => _keys.Exists(key =>
        routes.OwnerOf(key.Slot) is var owner && (owner == RouteTable.Nobody || routes.Map.Members[owner].Silo != key.Silo));

    /// <summary>What a silo is told: the word, the gateway and the number.</summary>
    public byte[][] Head(ReadOnlySpan<byte> word) =>
        [word.ToArray(), Encoding.UTF8.GetBytes(gateway), Encoding.ASCII.GetBytes(id.ToString(CultureInfo.InvariantCulture))];

    /// <summary>Tells the silos that it is over.</summary>
    public void End(ClusterLink cluster)
    {
        var command = new ArrayBufferWriter<byte>();
        CommandBytes.Write(command, ArgumentList.Of(Head(BatchWords.Unwatch)));
        var batch = new ClientBatch(new RespBatch(command.WrittenSpan.ToArray()), Database: 0);
        foreach (var silo in Silos)
            if (cluster.Map.Current.Find(silo) != null) cluster.Forwarder!.Forward(silo, [batch], (_, _) => { });
    }
}

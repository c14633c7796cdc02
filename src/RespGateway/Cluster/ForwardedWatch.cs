using System.Buffers;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>WATCH of keys of another silo, which notes it for EXEC.</summary>
internal sealed class ForwardedWatch(CommandRow row, ArgumentList args, RemoteWatch watch) : ForwardedCommand(row, args)
{
    private string _silo = "";

    // Keys that are watched twice are watched.
    public override bool IsRepeatable => true;

    public override byte[]? Route(RouteTable routes)
    {
        var owner = KeyOwners.Of(routes, Row, Args);
        if (owner == KeyOwners.Several) return ErrorReply(KeyOwners.SeveralSilos);
        if (owner < 0) return ErrorReply(ErrorText.NotServed);
        _silo = owner == routes.Self ? "" : routes.Map.Members[owner].Silo;

        // From now on it may be there.
        if (_silo.Length > 0) watch.Add(_silo, Args);
        Parts.Add(new ForwardedPart(owner) { Args = Args });
        return null;
    }

    public override void Write(IBufferWriter<byte> writer, ForwardedPart part)
    {
        var words = new byte[Args.Count + 2][];
        watch.Head(BatchWords.Watch).CopyTo(words, 0);
        for (var i = 1; i < Args.Count; i++) words[i + 2] = Args[i].ToArray();
        CommandBytes.Write(writer, ArgumentList.Of(words));
    }
}

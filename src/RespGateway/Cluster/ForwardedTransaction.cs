using System.Buffers;
using System.Text;
using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Connections;
using OrleansKv.RespGateway.PubSub;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>
/// EXEC of a transaction whose keys all belong to one other silo, where it is executed as a whole. What it publishes is published here, once that silo has
/// executed it.
/// </summary>
internal sealed class ForwardedTransaction(CommandRow exec, ArgumentList args, TransactionState transaction, PubSubHub subscribers, bool resp3)
    : ForwardedCommand(exec, args)
{
    public override bool IsRepeatable => (transaction.QueuedFlags & CommandFlags.Write) == 0;

    /// <summary>Why the transaction of a client cannot be executed; null where it can, here or elsewhere.</summary>
    /// <param name="transaction">What is queued.</param>
    /// <param name="routes">Who owns what.</param>
    /// <param name="isHere">Whether this silo owns all its keys.</param>
    public static byte[]? Check(TransactionState transaction, RouteTable routes, bool isHere)
    {
        var owner = KeyOwners.None;
        foreach (var (row, args) in transaction.Commands)
        {
            var isWhole = CommandEverywhere.Accepts(row) || row.Name == "scan";
            if ((isWhole && !routes.SelfOwnsAll) || (!isHere && ((row.Scope != CommandScope.Keys && !IsPublish(row)) || row.NeedsConnection)))
                return [.. "ERR a transaction on keys of another silo cannot execute '"u8, .. Encoding.ASCII.GetBytes(row.FullName), .. "'"u8];
            if (!IsPublish(row)) owner = KeyOwners.Of(routes, row, args, owner);
        }

        if (isHere) return null;
        if (owner == RouteTable.Nobody) return ErrorText.NotServed.ToArray();
        return !HasMovedWatch(transaction, routes) && WithWatched(transaction, routes, owner) == KeyOwners.Several ? KeyOwners.SeveralSilos.ToArray() : null;
    }

    public override byte[]? Route(RouteTable routes)
    {
        if (HasMovedWatch(transaction, routes)) return resp3 ? "_\r\n"u8.ToArray() : "*-1\r\n"u8.ToArray();
        var owner = KeyOwners.None;
        foreach (var (row, args) in transaction.Commands)
            if (!IsPublish(row)) owner = KeyOwners.Of(routes, row, args, owner);
        owner = WithWatched(transaction, routes, owner);
        if (owner == KeyOwners.Several) return ErrorReply(KeyOwners.SeveralSilos);
        if (owner < 0) return ErrorReply(ErrorText.NotServed);

        // Another silo replies to MULTI and to each queued command too.
        Parts.Add(new ForwardedPart(owner)
        {
            Args = Args, ReplyCount = owner == routes.Self ? 1 : transaction.Commands.Count(queued => !IsPublish(queued.Row)) + 2,
        });
        return null;
    }

    public override void Write(IBufferWriter<byte> writer, ForwardedPart part)
    {
        CommandBytes.Write(writer, "multi"u8);
        foreach (var (row, args) in transaction.Commands)
            if (!IsPublish(row)) CommandBytes.Write(writer, args);
        if (transaction.WatchesElsewhere) CommandBytes.Write(writer, ArgumentList.Of(transaction.Remote!.Head(BatchWords.Exec)));
        else CommandBytes.Write(writer, "exec"u8);
    }

    public override ReadOnlyMemory<byte>? Merge(RouteTable routes)
    {
        // The watch has ended there.
        transaction.Remote = null;
        var reply = Parts[0].LastReply;
        var isComplete = Parts[0].ReplyCount == 1 || !transaction.Commands.Any(queued => IsPublish(queued.Row));
        if (isComplete || RespScanner.CountOf(reply.Span, out _) == null) return reply;
        var executed = new Queue<ReadOnlyMemory<byte>>(Replies.Elements(reply));
        return Replies.Array([.. transaction.Commands.Select(queued => IsPublish(queued.Row) ? Publish(queued.Row, queued.Args) : executed.Dequeue())]);
    }

    // A slot of a watched key is another silo's by now, or was never known to be watched there.
    private static bool HasMovedWatch(TransactionState transaction, RouteTable routes)
    {
        if (transaction.WatchesElsewhere && transaction.Remote!.HasMoved(routes)) return true;
        foreach (var watched in transaction.Watched)
            if (routes.OwnerOf(SlotHash.Of(watched.Key)) != routes.Self) return true;
        return false;
    }

    // Whoever knows of watched keys has to execute the transaction too.
    private static int WithWatched(TransactionState transaction, RouteTable routes, int owner)
    {
        if (transaction.Watched.Count > 0) owner = KeyOwners.Add(owner, routes.Self);
        if (!transaction.WatchesElsewhere) return owner;
        foreach (var silo in transaction.Remote!.Silos) owner = KeyOwners.Add(owner, Array.FindIndex(routes.Map.Members, member => member.Silo == silo));
        return owner;
    }

    private static bool IsPublish(CommandRow row) => row.Name is "publish" or "spublish";

    private ReadOnlyMemory<byte> Publish(CommandRow row, ArgumentList args) => Encoding.ASCII.GetBytes(
        $":{subscribers.PublishEverywhere(row.Name == "spublish", args[1], args[2], copiesOnly: false)}\r\n");
}

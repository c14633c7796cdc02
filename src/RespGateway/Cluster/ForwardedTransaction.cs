using System.Buffers;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>EXEC of a transaction whose keys all belong to one other silo, where it is executed as a whole.</summary>
internal sealed class ForwardedTransaction(CommandRow exec, ArgumentList args, TransactionState transaction) : ForwardedCommand(exec, args)
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
            var isWhole = CommandEverywhere.Accepts(row) || row.Name is "scan" or "swapdb";
            if ((isWhole && !routes.SelfOwnsAll) || (!isHere && (row.Scope != CommandScope.Keys || row.NeedsConnection)))
                return [.. "ERR a transaction on keys of another silo cannot execute '"u8, .. System.Text.Encoding.ASCII.GetBytes(row.FullName), .. "'"u8];
            owner = KeyOwners.Of(routes, row, args, owner);
        }

        if (isHere) return null;
        if (owner == RouteTable.Nobody) return ErrorText.NotServed.ToArray();
        if (transaction.Watched.Count > 0) return "ERR a transaction on keys of another silo cannot watch keys"u8.ToArray();
        return owner == KeyOwners.Several ? KeyOwners.SeveralSilos.ToArray() : null;
    }

    public override byte[]? Route(RouteTable routes)
    {
        var owner = KeyOwners.None;
        foreach (var (row, args) in transaction.Commands) owner = KeyOwners.Of(routes, row, args, owner);
        if (owner == KeyOwners.Several) return ErrorReply(KeyOwners.SeveralSilos);
        if (owner < 0) return ErrorReply(ErrorText.NotServed);

        // Another silo replies to MULTI and to each queued command too.
        Parts.Add(new ForwardedPart(owner) { Args = Args, ReplyCount = owner == routes.Self ? 1 : transaction.Commands.Count + 2 });
        return null;
    }

    public override void Write(IBufferWriter<byte> writer, ForwardedPart part)
    {
        CommandBytes.Write(writer, "multi"u8);
        foreach (var (_, args) in transaction.Commands) CommandBytes.Write(writer, args);
        CommandBytes.Write(writer, "exec"u8);
    }
}

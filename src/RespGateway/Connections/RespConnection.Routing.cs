using OrleansKv.Contracts;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;
using OrleansKv.RespGateway.Cluster;

namespace OrleansKv.RespGateway.Connections;

/// <summary>Where a gateway that serves the whole keyspace has a command executed.</summary>
internal enum Place
{
    /// <summary>On this silo.</summary>
    Here,

    /// <summary>On another silo, or on several.</summary>
    Elsewhere,

    /// <summary>Where is decided when the commands before it, which are being collected for other silos, have been replied to.</summary>
    AfterRun,
}

public sealed partial class RespConnection
{
    private bool HasOpenRun => _run is { IsOpen: true };

    // Roles decide what is executed here; the map only says where else. Within a run a command on a slot goes where those before it went.
    private Place Locate(CommandRow row, Slot? only)
    {
        if (!HasOpenRun)
        {
            if ((only is { IsOwned: true } && row.Scope == CommandScope.Keys) || (IsInTransaction && !IsExec(row))) return Place.Here;
            return IsTold(row) || (Server.IsProxyMode && !IsHere(row)) ? Place.Elsewhere : Place.Here;
        }

        // Who hears of a message may look at once for what was written before it.
        if (IsTold(row)) return _run!.IsFull || _run.Batches.Count > 0 ? Place.AfterRun : Place.Elsewhere;
        if (!Server.IsProxyMode) return Place.AfterRun;
        if (row.Scope != CommandScope.Keys || row.NeedsConnection || row.Is(CommandFlags.Blocking) || _run!.IsFull) return Place.AfterRun;
        var owner = KeyOwners.Of(_run.Routes, row, Context.Args);
        if (owner == KeyOwners.None) return Place.Here;
        var areOwned = AreOwned(row, Context.Args);
        if (owner == _run.Routes.Self && areOwned) return Place.Here;
        return areOwned ? Place.AfterRun : Place.Elsewhere;
    }

    // Whether other gateways have to do with a command.
    private bool IsTold(CommandRow row) => row.Scope == CommandScope.Gateway && Server.HasOtherGateways && ToldCommand.Accepts(row);

    // Whether a command is executed here where nothing is under way.
    private bool IsHere(CommandRow row)
    {
        if (IsExec(row)) return !IsInTransaction || Transaction.HasErrors || IsTransactionHere();
        if (row.Scope == CommandScope.Keys) return AreOwned(row, Context.Args);
        if (row.Name == "scan") return ScanCursor.SlotOf(Context.Args[1]) is not { } slot || Server.Store.Slots[slot].IsOwned;
        return !CommandEverywhere.Accepts(row) || (Server.Cluster!.Routes is { SelfOwnsAll: true } routes && routes.IsServed(Server.Store));
    }

    // What cannot be executed here as it is, because of its keys or because of what it does.
    private bool IsTransactionHere() => !Transaction.WatchesElsewhere && AreTransactionKeysHere()
        && ForwardedTransaction.Check(Transaction, Server.Cluster!.Routes, isHere: true) == null;

    private bool AreTransactionKeysHere()
    {
        foreach (var (row, args) in Transaction.Commands)
            if (!AreOwned(row, args)) return false;
        return true;
    }

    private bool AreOwned(CommandRow row, ArgumentList args)
    {
        if (row.Scope != CommandScope.Keys) return true;
        foreach (var spec in row.Keys)
        {
            var (first, last) = spec.Resolve(args);
            for (var i = first; i <= last; i += spec.Step)
                if (!Server.Store.Slots[SlotHash.Of(args[i])].IsOwned) return false;
        }

        return true;
    }

    // True after an error was written to a command that only its own silo can execute.
    private bool RefusesToForward(CommandRow row, ref ReplyWriter writer)
    {
        var routes = Server.Cluster!.Routes;
        if (IsExec(row))
        {
            var isHere = !Transaction.WatchesElsewhere && AreTransactionKeysHere();
            return ForwardedTransaction.Check(Transaction, routes, isHere) is { } reason && Redirect(row, reason, ref writer);
        }

        if (ToldCommand.Accepts(row)) return false;
        if (row.NeedsConnection && row.Name != "watch") return Redirect(row, OnlyHere(row), ref writer);
        if (row.Scope != CommandScope.Keys || SplitRead.Accepts(row)) return false;
        return KeyOwners.Of(routes, row, Context.Args) == KeyOwners.Several && Redirect(row, KeyOwners.SeveralSilos.ToArray(), ref writer);
    }

    private static byte[] OnlyHere(CommandRow row) =>
        System.Text.Encoding.ASCII.GetBytes($"ERR '{row.FullName}' cannot be executed on keys of another silo");
}

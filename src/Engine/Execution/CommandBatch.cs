using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Memory;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Execution;

/// <summary>
/// The next commands of a pipeline, read and looked up before the first of them is executed, so that the memory of all their keys is
/// fetched at once: most of the time of a small command is waiting for it.
/// </summary>
/// <remarks>Nothing here decides anything: a command that is not executed after all is read again later.</remarks>
public sealed unsafe class CommandBatch(Store store)
{
    /// <summary>Most commands of a batch: what they fetch fits into the first cache of a core.</summary>
    public const int MaxCommands = 16;

    private readonly ReadCommand[] _commands = CreateCommands();
    private readonly ulong[] _hashes = new ulong[MaxCommands];

    /// <summary>Commands read.</summary>
    public int Count { get; private set; }

    /// <summary>A command of the batch.</summary>
    public ref readonly ReadCommand this[int index] => ref _commands[index];

    /// <summary>Reads commands until there are <paramref name="most"/>, or the reader has no further one. Empty ones are passed over.</summary>
    /// <param name="reader">The input.</param>
    /// <param name="partial">The arguments so far of a command whose end is missing, before and after.</param>
    /// <param name="most">1 to <see cref="MaxCommands"/>.</param>
    /// <param name="database">Where the keys probably are.</param>
    /// <returns>What the reader said last.</returns>
    public ReadStatus Read(ref CommandReader reader, ref ArgumentList partial, int most, int database)
    {
        Count = 0;
        if (reader.Partial.ArgumentsLeft > 0) Exchange(ref partial);
        var status = ReadStatus.Command;
        while (Count < most)
        {
            ref var command = ref _commands[Count];
            status = reader.TryRead(command.Args);
            if (status != ReadStatus.Command) break;
            if (command.Args.Count == 0) continue;
            command.End = reader.Consumed;
            LookUp(ref command);
            Count++;
        }

        if (reader.Partial.ArgumentsLeft > 0) Exchange(ref partial);
        if (Count > 1) Fetch(database);
        return status;
    }

    /// <summary>Gives back what rare big commands took.</summary>
    public void Trim()
    {
        for (var i = 0; i < Count; i++) _commands[i].Args.Trim();
        Count = 0;
    }

    private void Exchange(ref ArgumentList partial) => (partial, _commands[Count].Args) = (_commands[Count].Args, partial);

    private void LookUp(ref ReadCommand command)
    {
        var args = command.Args;
        var row = command.Row = store.Commands.Find(args[0]);
        command.Slot = null;
        if (row == null || row.OnlyKeyAt == 0 || row.OnlyKeyAt >= args.Count) return;
        var key = args[row.OnlyKeyAt];
        command.Slot = store.SlotOf(key);
        _hashes[Count] = KeyHash.Of(key);
        Prefetch.Object(command.Slot, Slot.Bytes);
    }

    // Each step needs what the step before has fetched; within a step the fetches overlap.
    private void Fetch(int database)
    {
        var commands = _commands.AsSpan(0, Count);
        foreach (ref var command in commands) command.Slot?.PrefetchKeyspace(database);
        for (var i = 0; i < commands.Length; i++) commands[i].Slot?.PrefetchBucket(database, _hashes[i]);
        for (var i = 0; i < commands.Length; i++) commands[i].Slot?.PrefetchEntry(database, _hashes[i]);
    }

    private static ReadCommand[] CreateCommands()
    {
        var commands = new ReadCommand[MaxCommands];
        foreach (ref var command in commands.AsSpan()) command.Args = new ArgumentList();
        return commands;
    }
}

/// <summary>A command that was read, not yet checked or executed.</summary>
public struct ReadCommand
{
    /// <summary>The arguments, the name first.</summary>
    public ArgumentList Args;

    /// <summary>The row of the name, a container's for a subcommand; null where there is none.</summary>
    public CommandRow? Row;

    /// <summary>The slot of the key, where the command has just one key.</summary>
    public Slot? Slot;

    /// <summary>Where the command ends in the input.</summary>
    public int End;
}

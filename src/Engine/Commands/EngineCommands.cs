namespace OrleansKv.Engine.Commands;

/// <summary>The command families of the engine.</summary>
public static class EngineCommands
{
    /// <summary>A table with every family's rows; layers above add theirs.</summary>
    public static CommandTable CreateTable() => new(
        StringCommands.Rows,
        GenericCommands.Rows,
        HashCommands.Rows,
        ListCommands.Rows,
        SetCommands.Rows,
        SortedSetCommands.Rows);
}

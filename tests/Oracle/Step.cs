using OrleansKv.Support;

namespace OrleansKv.Oracle;

internal enum StepKind
{
    /// <summary>Send a command, compare its replies.</summary>
    Command,

    /// <summary>Send a command that blocks; its reply is read by a later <see cref="Finish"/> on the same connection.</summary>
    Start,

    /// <summary>Wait until both servers report this many blocked clients.</summary>
    AwaitBlocked,

    /// <summary>Read and compare the reply of the blocked command.</summary>
    Finish,

    /// <summary>Wait until a key that expires within milliseconds is gone on both servers.</summary>
    AwaitExpired,
}

/// <summary>One thing done to both servers, on one of a few connections.</summary>
internal sealed record Step(StepKind Kind, int Connection, string[] Args)
{
    public static Step Command(params string[] args) => new(StepKind.Command, 0, args);

    public static Step CommandOn(int connection, params string[] args) => new(StepKind.Command, connection, args);

    public override string ToString()
    {
        string where = Connection == 0 ? "" : $"@{Connection} ";
        string what = Kind == StepKind.Command ? "" : $"<{Kind}> ";
        return where + what + string.Join(' ', Args.Select(Readable));
    }

    private static string Readable(string arg) =>
        arg.Length > 0 && arg.All(c => c is > ' ' and < (char)127 and not '"' and not '\\') ? arg : RespValue.Quote(arg);
}

/// <summary>Steps that only make sense together, such as MULTI … EXEC: shrinking keeps or drops them as one.</summary>
internal sealed record Unit(params Step[] Steps);

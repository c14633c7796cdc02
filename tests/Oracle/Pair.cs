using OrleansKv.Support;

namespace OrleansKv.Oracle;

/// <summary>The same connection to both servers.</summary>
internal sealed class Pair : IDisposable
{
    public Pair(int oraclePort, int subjectPort, bool resp3, int timeoutMs = 10_000)
    {
        Oracle = RespClient.Connect(oraclePort, timeoutMs);
        Subject = RespClient.Connect(subjectPort, timeoutMs);
        if (resp3)
        {
            Oracle.Call("HELLO", "3");
            Subject.Call("HELLO", "3");
        }
    }

    public RespClient Oracle { get; }

    public RespClient Subject { get; }

    /// <summary>What WATCH … EXEC knows: the commands that were queued since MULTI, in order; null outside a transaction.</summary>
    public List<string[]>? Queued { get; set; }

    /// <summary>The blocking command whose reply is still to come.</summary>
    public string[]? Waiting { get; set; }

    public void Send(string[] args)
    {
        Oracle.Send(args);
        Subject.Send(args);
    }

    public void Flush()
    {
        Oracle.Flush();
        Subject.Flush();
    }

    public (RespValue Expected, RespValue Actual) Call(params string[] args)
    {
        Send(args);
        Flush();
        return Read();
    }

    public (RespValue Expected, RespValue Actual) Read()
    {
        RespValue expected = Oracle.Read();
        return (expected, Subject.Read());
    }

    public void Dispose()
    {
        Oracle.Dispose();
        Subject.Dispose();
    }
}

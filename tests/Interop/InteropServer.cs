using OrleansKv.Support;

namespace OrleansKv.Interop;

/// <summary>One server for all sessions of a test class; it is started by the first test that runs, so that skipped ones cost nothing.</summary>
public sealed class InteropServer : IDisposable
{
    private TestServer? _server;

    public TestServer Server
    {
        get
        {
            if (_server is null or { HasExited: true })
            {
                _server?.Dispose();
                _server = TestServer.StartSubject();
            }
            return _server;
        }
    }

    public int Port => Server.Port;

    public void Dispose() => _server?.Dispose();

    /// <summary>Runs a program to its end against the server; its failure shows what it and the server printed.</summary>
    public string Run(string program, params IEnumerable<string> arguments)
    {
        RunResult result = RunResult.Of(program, arguments);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result}\nThe server's last lines:\n{Server.Output}");
        return result.Output;
    }
}

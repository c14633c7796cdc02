using OrleansKv.Support;

namespace OrleansKv.Oracle;

/// <summary>A real Redis and the server under test, started once for all families; a server that died is started again.</summary>
public sealed class Servers : IDisposable
{
    private TestServer? _oracle;
    private TestServer? _subject;

    // Redis looks at the time limits of blocked clients hz times a second.
    public TestServer Oracle => _oracle = Alive(_oracle, static () => TestServer.StartRedis("--hz", "500"));

    public TestServer Subject => _subject = Alive(_subject, static () => TestServer.StartSubject());

    public void Dispose()
    {
        _oracle?.Dispose();
        _subject?.Dispose();
    }

    private static TestServer Alive(TestServer? server, Func<TestServer> start)
    {
        if (server is { HasExited: false })
            return server;
        server?.Dispose();
        return start();
    }
}

using OrleansKv.Engine.Execution;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Server;

/// <summary>What each I/O loop does now and then for its connections: closes those idle beyond `timeout` or over their output limit.</summary>
internal sealed class LoopCron
{
    private const int PeriodMs = 100;

    private readonly RespServer _server;
    private readonly LoopState _state;

    private LoopCron(RespServer server, LoopState state)
    {
        _server = server;
        _state = state;
    }

    /// <summary>Starts it on a loop.</summary>
    public static void Start(RespServer server, LoopState state) => state.Loop.Post(new LoopCron(server, state).Run);

    private void Run()
    {
        var timeoutSeconds = _server.Config.TimeoutSeconds;
        List<RespConnection>? leaving = null;
        foreach (var client in _state.Clients)
            if (client.IsOverdue(timeoutSeconds) || client.IsOverOutputLimit()) (leaving ??= []).Add(client);
        leaving?.ForEach(client => client.Transport.Close());
        if (_state.Loop.Index == 0)
        {
            _server.Statistics.Sample(_state.Loop.NowMs);
            MemoryReport.Refresh();
            _server.CountEvicted(ClientEviction.Run(_server));
        }

        _state.Loop.Schedule(PeriodMs, Run);
    }
}

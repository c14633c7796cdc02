using OrleansKv.Engine.Execution;
using OrleansKv.RespGateway.Connections;

namespace OrleansKv.RespGateway.Server;

/// <summary>
/// What each I/O loop does now and then for its connections: closes those idle beyond `timeout` or over their output limit, and adds up what
/// their buffers take. The first loop also does what the whole gateway needs once, and goes on with evictions that no command goes on with.
/// </summary>
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
        // The loop reports what goes wrong here; the next round comes all the same.
        try
        {
            LookAtClients();
            if (_state.Loop.Index == 0) LookAtGateway();
        }
        finally
        {
            _state.Loop.Schedule(PeriodMs, Run);
        }
    }

    private void LookAtGateway()
    {
        _server.Statistics.Sample(
            _server.Traffic.Sum(traffic => traffic.ReadBytes), _server.Traffic.Sum(traffic => traffic.WrittenBytes), _state.Loop.NowMs);
        MemoryReport.Refresh(_server.Store, _server.ClientBytes);
        _server.CountEvicted(ClientEviction.Run(_server));
        _state.Worker.RefreshClock();
        _server.Store.Evictor.TryEvict(_state.Worker);
    }

    private void LookAtClients()
    {
        var timeoutSeconds = _server.Config.TimeoutSeconds;
        long bytes = 0;
        List<RespConnection>? leaving = null;
        foreach (var client in _state.Clients)
        {
            bytes += client.MemoryBytes;
            if (client.IsOverdue(timeoutSeconds) || client.IsOverOutputLimit()) (leaving ??= []).Add(client);
        }

        _state.ClientBytes = bytes;
        leaving?.ForEach(client => client.Transport.Close());
        if (_server.Cluster == null) return;
        foreach (var client in _state.Clients.ToArray()) client.LetGoOfMovedSlots();
    }
}

using OrleansKv.Contracts;
using OrleansKv.RespGateway.Cluster;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Connections;

/// <summary>
/// What the connections of one loop have for other silos. A call costs as much as dozens of commands, so all that a turn of the loop has for a
/// silo goes there in one, and the replies come back in one, which has these connections ready together again. On the loop's thread alone.
/// </summary>
internal sealed class SiloCalls
{
    // A call that has so much goes at once.
    private const int MuchBytes = 1024 * 1024;

    private readonly IoLoop _loop;
    private readonly Action _sendAll;
    private readonly Dictionary<string, SiloCall> _open = [];

    public SiloCalls(IoLoop loop)
    {
        _loop = loop;
        _sendAll = SendAll;
    }

    /// <summary>Has a connection's batch sent at the end of the loop's turn; <see cref="RespConnection.EndBatch"/> tells what became of it.</summary>
    public void Add(string silo, RespConnection client, ForwardBatch batch, ClientBatch commands)
    {
        if (_open.Count == 0) _loop.Post(_sendAll);
        if (!_open.TryGetValue(silo, out var call)) _open.Add(silo, call = new SiloCall());
        call.Waiting.Add((client, batch));
        call.Commands.Add(commands);
        call.Bytes += commands.Commands.Bytes.Length;
        if (call.Bytes < MuchBytes) return;
        _open.Remove(silo);
        Send(silo, call);
    }

    private void SendAll()
    {
        foreach (var (silo, call) in _open) Send(silo, call);
        _open.Clear();
    }

    private void Send(string silo, SiloCall call) => call.Waiting[0].Client.Server.Cluster!.Forwarder!.Forward(
        silo, [.. call.Commands], (replies, error) => _loop.Post(() => End(silo, call, replies, error)));

    // What the silo has left for another call goes in the next. What goes wrong with one connection costs that one alone.
    private void End(string silo, SiloCall call, RespBatch[] replies, Exception? error)
    {
        var failed = error != null || replies.Length == 0;
        for (var i = 0; i < call.Waiting.Count; i++)
        {
            var (client, batch) = call.Waiting[i];
            try
            {
                if (!failed && i >= replies.Length) Add(silo, client, batch, call.Commands[i]);
                else client.EndBatch(batch, failed ? default : replies[i], failed);
            }
            catch (Exception wrong)
            {
                _loop.ReportError(wrong);
                client.Transport.Close();
            }
        }
    }

    private sealed class SiloCall
    {
        public List<(RespConnection Client, ForwardBatch Batch)> Waiting { get; } = [];

        public List<ClientBatch> Commands { get; } = [];

        public int Bytes { get; set; }
    }
}

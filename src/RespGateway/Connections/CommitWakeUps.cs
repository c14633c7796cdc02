using OrleansKv.RespGateway.Transport;

namespace OrleansKv.RespGateway.Connections;

/// <summary>
/// The connections of one loop whose wait for the commit barrier is over, until the loop gets to them. One acknowledgement of a replica ends
/// many waits: they cost the loop one wake-up. Any thread, except where a member says otherwise.
/// </summary>
internal sealed class CommitWakeUps
{
    private readonly IoLoop _loop;
    private readonly Lock _gate = new();
    private readonly Action _settle;
    private List<(RespConnection Client, bool IsLost)> _ended = [];
    private List<(RespConnection Client, bool IsLost)> _settling = [];

    public CommitWakeUps(IoLoop loop)
    {
        _loop = loop;
        _settle = Settle;
    }

    /// <summary>The wait of a connection of this loop is over.</summary>
    public void Add(RespConnection client, bool isLost)
    {
        lock (_gate)
        {
            _ended.Add((client, isLost));
            if (_ended.Count > 1) return;
        }

        _loop.Post(_settle);
    }

    // On the loop. What goes wrong with one connection costs that one alone.
    private void Settle()
    {
        lock (_gate) (_ended, _settling) = (_settling, _ended);
        foreach (var (client, isLost) in _settling)
        {
            try
            {
                client.EndCommitWait(isLost);
            }
            catch (Exception error)
            {
                _loop.ReportError(error);
                client.Transport.Close();
            }
        }

        _settling.Clear();
    }
}

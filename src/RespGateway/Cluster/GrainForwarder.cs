using Orleans;
using OrleansKv.Contracts;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>Forwards by calls to the silos' grains.</summary>
public sealed class GrainForwarder(IGrainFactory grains) : IBatchForwarder
{
    public void Forward(string silo, RespBatch commands, int database, Action<RespBatch, Exception?> done) =>
        _ = ForwardAsync(silo, commands, database, done);

    private async Task ForwardAsync(string silo, RespBatch commands, int database, Action<RespBatch, Exception?> done)
    {
        RespBatch replies = default;
        Exception? failure = null;
        try
        {
            replies = await grains.GetGrain<ISiloGrain>(silo).ExecuteAsync(commands, database).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Whatever it was, the commands may have been executed.
            failure = error;
        }

        done(replies, failure);
    }
}

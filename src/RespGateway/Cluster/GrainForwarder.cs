using Orleans;
using OrleansKv.Contracts;

namespace OrleansKv.RespGateway.Cluster;

/// <summary>Forwards by calls to the silos' grains.</summary>
public sealed class GrainForwarder(IGrainFactory grains) : IBatchForwarder
{
    public void Forward(string silo, ClientBatch[] batches, Action<RespBatch[], Exception?> done) => _ = ForwardAsync(silo, batches, done);

    private async Task ForwardAsync(string silo, ClientBatch[] batches, Action<RespBatch[], Exception?> done)
    {
        RespBatch[] replies = [];
        Exception? failure = null;
        try
        {
            replies = await grains.GetGrain<ISiloGrain>(silo).ExecuteAllAsync(batches).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // Whatever it was, the commands may have been executed.
            failure = error;
        }

        done(replies, failure);
    }
}

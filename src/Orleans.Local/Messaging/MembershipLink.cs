// Stands for Orleans.Runtime.MembershipService.RemoteSiloProber and MembershipGossiper.
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>The membership agent's questions to other silos, over the silo's links.</summary>
internal sealed class MembershipLink(SiloNetwork network) : IMembershipLink
{
    public async Task ProbeAsync(SiloAddress target, CancellationToken cancellationToken)
    {
        var link = await network.Links.GetAsync(target).WaitAsync(cancellationToken);
        await link.AskAsync(new ProbeQuestion(), cancellationToken);
    }

    public async Task<bool> ProbeIndirectlyAsync(
        SiloAddress intermediary, SiloAddress target, TimeSpan probeTimeout, CancellationToken cancellationToken)
    {
        var link = await network.Links.GetAsync(intermediary).WaitAsync(cancellationToken);
        return await link.AskAsync(new IndirectProbeQuestion(target, probeTimeout), cancellationToken) is true;
    }

    public void Gossip(SiloAddress target) => _ = Task.Run(async () =>
    {
        try
        {
            (await network.Links.GetAsync(target)).Tell(new GossipNotice());
        }
        catch (OrleansException)
        {
            // It may get lost; the table is read regularly too.
        }
    });
}

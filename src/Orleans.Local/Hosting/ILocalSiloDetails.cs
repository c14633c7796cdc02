// Stands for Orleans.Runtime.ILocalSiloDetails and Orleans.Runtime.LocalSiloDetails.
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Who this silo is.</summary>
    public interface ILocalSiloDetails
    {
        string Name { get; }

        string ClusterId { get; }

        SiloAddress SiloAddress { get; }

        SiloAddress GatewayAddress { get; }
    }
}

namespace OrleansKv.LocalRuntime
{
    internal sealed class LocalSiloDetails : ILocalSiloDetails
    {
        public LocalSiloDetails(IOptions<SiloOptions> silo, IOptions<ClusterOptions> cluster, IOptions<EndpointOptions> endpoint)
        {
            int generation = SiloAddress.AllocateNewGeneration();
            SiloAddress = SiloAddress.New(endpoint.Value.AdvertisedIPAddress, endpoint.Value.SiloPort, generation);
            GatewayAddress = SiloAddress.New(endpoint.Value.AdvertisedIPAddress, endpoint.Value.GatewayPort, 0);
            ClusterId = cluster.Value.ClusterId;
            Name = silo.Value.SiloName ?? "Silo_" + Guid.NewGuid().ToString("N")[..5];
        }

        public string Name { get; }

        public string ClusterId { get; }

        public SiloAddress SiloAddress { get; }

        public SiloAddress GatewayAddress { get; }
    }
}

// Stands for Orleans.Configuration: ClusterOptions, EndpointOptions, SiloOptions, SiloMessagingOptions and GrainCollectionOptions.
using System.Net;

namespace Orleans.Configuration;

public sealed class ClusterOptions
{
    internal const string DevelopmentClusterId = "dev";
    internal const string DevelopmentServiceId = "dev";

    public string ClusterId { get; set; } = "default";

    public string ServiceId { get; set; } = "default";

    /// <summary>The names that UseLocalhostClustering has by default are a wish; the options' own come before them.</summary>
    internal void SetUnlessDevelopment(string serviceId, string clusterId)
    {
        if (serviceId == DevelopmentServiceId && clusterId == DevelopmentClusterId)
            return;
        ServiceId = serviceId;
        ClusterId = clusterId;
    }
}

public sealed class EndpointOptions
{
    public const int DEFAULT_SILO_PORT = 11111;
    public const int DEFAULT_GATEWAY_PORT = 30000;

    public IPAddress AdvertisedIPAddress { get; set; } = IPAddress.Loopback;

    public int SiloPort { get; set; } = DEFAULT_SILO_PORT;

    public int GatewayPort { get; set; } = DEFAULT_GATEWAY_PORT;
}

public sealed class SiloOptions
{
    public string? SiloName { get; set; }
}

public sealed class SiloMessagingOptions
{
    /// <summary>How long a caller waits for an answer.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

public sealed class GrainCollectionOptions
{
    /// <summary>How often idle activations are looked for.</summary>
    public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an activation may be idle before it is collected.</summary>
    public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The ages of classes that differ, by full name.</summary>
    public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

    public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

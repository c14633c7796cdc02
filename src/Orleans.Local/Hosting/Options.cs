// Stands for Orleans.Configuration: ClusterOptions, EndpointOptions, SiloOptions, MessagingOptions and the options of silos and clients
// made of it, ConnectionOptions, StaticGatewayListProviderOptions and GrainCollectionOptions.
using System.Globalization;
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

    /// <summary>Where clients connect; 0 for no gateway.</summary>
    public int GatewayPort { get; set; } = DEFAULT_GATEWAY_PORT;
}

public sealed class SiloOptions
{
    public string? SiloName { get; set; }
}

public abstract class MessagingOptions
{
    /// <summary>How long a caller waits for an answer.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection that brings a longer message is closed.</summary>
    public int MaxMessageBodySize { get; set; } = 100 * 1024 * 1024;
}

public class SiloMessagingOptions : MessagingOptions
{
}

public class ClientMessagingOptions : MessagingOptions
{
}

public class ConnectionOptions
{
    /// <summary>How long a connection may take until both sides know who the other is.</summary>
    public TimeSpan OpenConnectionTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a client waits before it tries a lost gateway again.</summary>
    public TimeSpan ConnectionRetryDelay { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>The gateways of a client that does not look for them.</summary>
public class StaticGatewayListProviderOptions
{
    private const string Scheme = "gwy.tcp";

    /// <summary>Written gwy.tcp://address:port/generation, where the generation is not looked at.</summary>
    public IList<Uri> Gateways { get; set; } = [];

    internal static Uri ToUri(IPEndPoint endpoint) => new(string.Create(CultureInfo.InvariantCulture, $"{Scheme}://{endpoint}/0"));

    internal static IPEndPoint ToEndPoint(Uri uri) => new(IPAddress.Parse(uri.Host), uri.Port);
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

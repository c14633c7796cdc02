namespace OrleansKv.Grains.Membership;

/// <summary>Where the silos of a cluster find each other.</summary>
public sealed class FileClusteringOptions
{
    /// <summary>The cluster's own directory, the same for all its silos.</summary>
    public string Directory { get; set; } = "";
}

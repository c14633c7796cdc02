using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;

namespace OrleansKv.Grains.Membership;

/// <summary>Clustering by files, for silos on one machine or with a file system that they share.</summary>
public static class FileClusteringExtensions
{
    /// <summary>Keeps the cluster's membership table in <paramref name="directory"/>, which is made when it is not there.</summary>
    public static ISiloBuilder UseFileClustering(this ISiloBuilder builder, string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        builder.Services.Configure<FileClusteringOptions>(options => options.Directory = Path.GetFullPath(directory));
        builder.Services.AddSingleton<IMembershipTable, FileMembershipTable>();
        return builder;
    }
}

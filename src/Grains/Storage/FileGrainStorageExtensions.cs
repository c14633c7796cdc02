using Orleans.Hosting;
using Orleans.Runtime.Hosting;

namespace OrleansKv.Grains.Storage;

/// <summary>Grain storage in files, for clusters on one machine or with a file system that all silos share.</summary>
public static class FileGrainStorageExtensions
{
    /// <summary>Keeps the states of grains that name this storage in <paramref name="directory"/>.</summary>
    public static ISiloBuilder AddFileGrainStorage(this ISiloBuilder builder, string name, string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        builder.Services.AddGrainStorage(name, (_, storageName) => new FileGrainStorage(storageName, Path.GetFullPath(directory)));
        return builder;
    }
}

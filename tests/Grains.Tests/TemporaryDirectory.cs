namespace OrleansKv.Grains.Tests;

/// <summary>A directory that goes with the test.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("orleanskv-grains-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

using OrleansKv.Grains.Cluster;

namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>The file with a node's id.</summary>
public sealed class NodeIdentityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;

    private string PathOfId => Path.Combine(_folder, "node-id");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Load_TwoTimes_GivesTheSameId()
    {
        var id = NodeIdentity.Load(PathOfId);

        Assert.Matches("^[0-9a-f]{40}$", id);
        Assert.Equal(id, NodeIdentity.Load(PathOfId));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Load_AFileThatHoldsNoId_IsRefusedAndKept()
    {
        File.WriteAllText(PathOfId, "something else");

        Assert.Throws<InvalidDataException>(() => NodeIdentity.Load(PathOfId));
        Assert.Equal("something else", File.ReadAllText(PathOfId));
    }
}

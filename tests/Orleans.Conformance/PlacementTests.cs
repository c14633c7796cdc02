using Orleans;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Placement: the director named by the class's attribute chooses the silo.</summary>
public abstract class PlacementTests(ICluster cluster)
{
    [Fact]
    public async Task PlacementDirector_OfTheClass_IsFollowed()
    {
        for (int i = 0; i < 10; i++)
        {
            var grain = cluster.Client.GetGrain<IPlacedGrain>(BitConverter.ToInt64(Guid.NewGuid().ToByteArray()));

            string silo = await grain.GetSilo();

            Assert.Equal(silo, RecordingDirector.Placed[grain.GetGrainId()].ToParsableString());
        }
    }
}

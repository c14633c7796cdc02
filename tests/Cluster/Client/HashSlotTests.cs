using OrleansKv.Drill.Client;

namespace OrleansKv.Cluster.Tests.Client;

public sealed class HashSlotTests
{
    /// <summary>The values of CLUSTER KEYSLOT.</summary>
    [Theory]
    [InlineData("", 0)]
    [InlineData("123456789", 0x31C3)]
    [InlineData("foo", 12182)]
    [InlineData("{foo}bar", 12182)]
    [InlineData("x{foo}{bar}", 12182)]
    [InlineData("foo{}{bar}", 8363)]
    [InlineData("foo{{bar}}zap", 4015)]
    public void Of_AsInTheSpecification(string key, int slot) => Assert.Equal(slot, HashSlot.Of(key));

    [Fact]
    public void KeyIn_EveryGroup_LiesThere()
    {
        for (int group = 0; group < 16; group++)
            Assert.InRange(HashSlot.Of(HashSlot.KeyIn("key", group, 16)), group * 1024, (group * 1024) + 1023);
    }
}

namespace OrleansKv.Engine.Tests;

public class StringCommandsTests
{
    [Fact]
    public void Get_MissingKey_RepliesNull()
    {
        using var store = new TestStore();
        Assert.Equal("$-1\r\n", store.Run("GET missing"));
    }

    [Fact]
    public void Set_ThenGet_GivesTheValue()
    {
        using var store = new TestStore();
        Assert.Equal("+OK\r\n", store.Run("SET a hello"));
        Assert.Equal("$5\r\nhello\r\n", store.Run("GET a"));
    }

    [Fact]
    public void Incr_NewAndExistingKey_Counts()
    {
        using var store = new TestStore();
        Assert.Equal(":1\r\n", store.Run("INCR n"));
        Assert.Equal(":2\r\n", store.Run("INCR n"));
        Assert.Equal("$1\r\n2\r\n", store.Run("GET n"));
    }
}

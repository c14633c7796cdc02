namespace OrleansKv.Engine.Tests;

public class StringNumbersTests
{
    [Fact]
    public void Incr_NewAndExistingKey_Counts()
    {
        using var store = new TestStore();
        Assert.Equal(":1\r\n", store.Run("INCR n"));
        Assert.Equal(":2\r\n", store.Run("INCR n"));
        Assert.Equal("$1\r\n2\r\n", store.Run("GET n"));
        Assert.Equal(":-8\r\n", store.Run("INCRBY n -10"));
        Assert.Equal(":-9\r\n", store.Run("DECR n"));
        Assert.Equal(":-100\r\n", store.Run("DECRBY n 91"));
        Assert.Equal("$4\r\n-100\r\n", store.Run("GET n"));
    }

    [Fact]
    public void Incr_KeepsTheTimeToLive()
    {
        using var store = new TestStore();
        store.Run("SET n 99 EX 100");
        for (var i = 0; i < 1000; i++) store.Run("INCRBY n 123456789012345");
        Assert.Equal(":100\r\n", store.Run("TTL n"));
        Assert.Equal("$18\r\n123456789012345099\r\n", store.Run("GET n"));
    }

    [Theory]
    [InlineData("11 ")]
    [InlineData(" 11")]
    [InlineData("+1")]
    [InlineData("1.5")]
    [InlineData("")]
    [InlineData("9223372036854775808")]
    public void Incr_OfWhatIsNoInteger_IsRefused(string value)
    {
        using var store = new TestStore();
        store.Run("SET", "n", value);
        Assert.Equal("-ERR value is not an integer or out of range\r\n", store.Run("INCR n"));
        Assert.Equal("-ERR value is not an integer or out of range\r\n", store.Run("INCRBY", "m", value));
    }

    [Theory]
    [InlineData("9223372036854775807", "INCR n")]
    [InlineData("-9223372036854775808", "DECR n")]
    [InlineData("-1", "INCRBY n -9223372036854775808")]
    [InlineData("17", "INCRBY n 9223372036854775807")]
    public void Incr_PastTheEnds_IsRefused(string value, string line)
    {
        using var store = new TestStore();
        store.Run("SET", "n", value);
        Assert.Equal("-ERR increment or decrement would overflow\r\n", store.Run(line));
        Assert.Equal($"${value.Length}\r\n{value}\r\n", store.Run("GET n"));
    }

    [Fact]
    public void DecrBy_SmallestInteger_IsRefused()
    {
        using var store = new TestStore();
        Assert.Equal("-ERR decrement would overflow\r\n", store.Run("DECRBY n -9223372036854775808"));
    }

    // Replies of redis-server 7.0.15 on x86-64.
    [Theory]
    [InlineData("3.0", "1.1", "4.1")]
    [InlineData("10.50", "0.1", "10.6")]
    [InlineData("5.0e3", "2.0e2", "5200")]
    [InlineData("1", "-1.1", "-0.1")]
    [InlineData("0.1", "0.2", "0.3")]
    [InlineData("1.23", "-1.23", "0")]
    [InlineData("17179869184", "1.5", "17179869185.5")]
    [InlineData("-5", "5", "0")]
    [InlineData("-1e-30", "0", "0")]
    [InlineData("1e-17", "0", "0.00000000000000001")]
    [InlineData("1e-18", "0", "0")]
    [InlineData(".5", "+5.", "5.5")]
    [InlineData("-0x10", "0", "-16")]
    [InlineData("1000.1", "0", "1000.09999999999999998")]
    [InlineData("123456789.123", "0.001", "123456789.12399999999615829")]
    [InlineData("18446744073709551615", "1", "18446744073709551616")]
    [InlineData("18446744073709551616", "1", "18446744073709551616")]
    [InlineData("18446744073709551618", "3", "18446744073709551620")]
    [InlineData("1e25", "0", "10000000000000000000000000")]
    [InlineData("1e30", "0", "1000000000000000000024696061952")]
    public void IncrByFloat_GivesRedissDigits(string value, string by, string sum)
    {
        using var store = new TestStore();
        store.Run("SET", "n", value);
        Assert.Equal($"${sum.Length}\r\n{sum}\r\n", store.Run("INCRBYFLOAT", "n", by));
        Assert.Equal($"${sum.Length}\r\n{sum}\r\n", store.Run("GET n"));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1e")]
    [InlineData("e5")]
    [InlineData(".")]
    [InlineData("-")]
    [InlineData("1.2.3")]
    [InlineData("nan")]
    [InlineData("1e5000")]
    [InlineData("1e-5000")]
    [InlineData("1e99999999999")]
    public void IncrByFloat_OfWhatIsNoNumber_IsRefused(string by)
    {
        using var store = new TestStore();
        Assert.Equal("-ERR value is not a valid float\r\n", store.Run("INCRBYFLOAT", "n", by));
        Assert.Equal(":0\r\n", store.Run("EXISTS n"));
    }

    [Theory]
    [InlineData("1", "inf")]
    [InlineData("1", "-Infinity")]
    [InlineData("1.1e4932", "1.1e4932")]
    public void IncrByFloat_ToInfinity_IsRefused(string value, string by)
    {
        using var store = new TestStore();
        store.Run("SET", "n", value);
        Assert.Equal("-ERR increment would produce NaN or Infinity\r\n", store.Run("INCRBYFLOAT", "n", by));
    }
}

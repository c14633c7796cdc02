using System.Text;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Tests.Protocol;

public class LongDoubleTests
{
    // Sums as a redis-server on x86-64 replies them to INCRBYFLOAT.
    [Theory]
    [InlineData("0.1", "0.2", "0.3")]
    [InlineData("10.5", "0.1", "10.6")]
    [InlineData("5.0e3", "2.0e2", "5200")]
    [InlineData("3", "1.1", "4.1")]
    [InlineData("1", "-1.5", "-0.5")]
    [InlineData("0", "-0", "0")]
    [InlineData("1e17", "0.01", "100000000000000000.0078125")]
    [InlineData("17179869184", "1.5", "17179869185.5")]
    [InlineData("1e-17", "0", "0.00000000000000001")]
    [InlineData("1e-18", "0", "0")]
    [InlineData("-1e-18", "0", "0")]
    [InlineData("12345678901234567890", "0", "12345678901234567890")]
    [InlineData("0x1F", "0", "31")]
    public void Add_TwoNumbers_TextIsRedis(string left, string right, string sum)
    {
        Assert.True(LongDouble.TryParse(Encoding.ASCII.GetBytes(left), out var a));
        Assert.True(LongDouble.TryParse(Encoding.ASCII.GetBytes(right), out var b));
        Assert.Equal(sum, Encoding.ASCII.GetString((a + b).ToText()));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("nan")]
    [InlineData("1e")]
    [InlineData("abc")]
    [InlineData("1e5000")]
    [InlineData("1e-5000")]
    [InlineData("1e999999999999999999999")]
    public void TryParse_BadNumber_False(string text) => Assert.False(LongDouble.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData(5119, true)]
    [InlineData(5120, false)]
    [InlineData(1_000_000, false)]
    public void TryParse_LongText_IsRefusedFrom5KiBOn(int length, bool isNumber) =>
        Assert.Equal(isNumber, LongDouble.TryParse(Encoding.ASCII.GetBytes("1.".PadRight(length, '0')), out _));

    [Fact]
    public void TryParse_Infinity_IsInfinity()
    {
        Assert.True(LongDouble.TryParse("-inf"u8, out var value));
        Assert.True(value.IsInfinity);
    }

    [Fact]
    public void Add_BeyondRange_IsInfinity()
    {
        Assert.True(LongDouble.TryParse("1e4932"u8, out var value));
        Assert.True((value + value).IsInfinity);
    }
}

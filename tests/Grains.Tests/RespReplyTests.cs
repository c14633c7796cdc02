using System.Text;
using OrleansKv.Contracts;

namespace OrleansKv.Grains.Tests;

/// <summary>The reader of replies that the typed client has.</summary>
public sealed class RespReplyTests
{
    [Fact]
    public void Parse_SimpleReplies_GivesTheirValues()
    {
        Assert.Equal("OK", Parse("+OK\r\n"));
        Assert.Equal(-42L, Parse(":-42\r\n"));
        Assert.Equal("a\r\nb", Encoding.ASCII.GetString((byte[])Parse("$4\r\na\r\nb\r\n")!));
        Assert.Empty((byte[])Parse("$0\r\n\r\n")!);
        Assert.Null(Parse("$-1\r\n"));
        Assert.Null(Parse("*-1\r\n"));
    }

    [Fact]
    public void Parse_Arrays_GivesTheirItemsInOrder()
    {
        var items = (object?[])Parse("*4\r\n:1\r\n*1\r\n+x\r\n$-1\r\n-ERR inside\r\n")!;

        Assert.Equal(1L, items[0]);
        Assert.Equal("x", Assert.Single((object?[])items[1]!));
        Assert.Null(items[2]);
        Assert.Equal("ERR inside", Assert.IsType<KvException>(items[3]).Message);
    }

    [Fact]
    public void Parse_AnError_ThrowsIt() =>
        Assert.Equal("ERR no", Assert.Throws<KvException>(() => Parse("-ERR no\r\n")).Message);

    [Fact]
    public void Parse_EveryPrefixOfAReply_IsAFormatError()
    {
        const string Reply = "*2\r\n$3\r\nabc\r\n:12\r\n";
        for (var length = 0; length < Reply.Length; length++)
        {
            var prefix = Reply[..length];
            Assert.Throws<FormatException>(() => Parse(prefix));
        }
    }

    [Theory]
    [InlineData("?3\r\n")]
    [InlineData(":x\r\n")]
    [InlineData("$1x\r\na\r\n")]
    public void Parse_WhatIsNoReply_IsAFormatError(string reply) => Assert.Throws<FormatException>(() => Parse(reply));

    private static object? Parse(string reply) => RespReply.Parse(Encoding.ASCII.GetBytes(reply));
}

using OrleansKv.Engine.Configuration;

namespace OrleansKv.Engine.Tests.Configuration;

public sealed class ConfigTextTests
{
    public static TheoryData<string, string[]> Lines => new()
    {
        { "", [] },
        { " \t ", [] },
        { "port 6379", ["port", "6379"] },
        { "  a\t b\r", ["a", "b"] },
        { "\"a b\" c", ["a b", "c"] },
        { "a\"b\" c", ["ab", "c"] },
        { "\"\" ''", ["", ""] },
        { "\"\\n\\r\\t\\b\\a\\q\\\\\\\"\"", ["\n\r\t\b\aq\\\""] },
        { "\"\\xff\\x4A\\xZZ\\x1\"", ["\u00ffJxZZx1"] },
        { "'it\\'s \\n \"so\"'", ["it's \\n \"so\""] },
        { "a\\b", ["a\\b"] },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Split_Line_GivesArguments(string line, string[] arguments) => Assert.Equal(arguments, ConfigText.Split(line));

    [Theory]
    [InlineData("\"a")]
    [InlineData("'a")]
    [InlineData("\"a\"b")]
    [InlineData("'a'b")]
    [InlineData("\"a\\")]
    [InlineData("a \"\\\"")]
    public void Split_UnbalancedQuotes_GivesNull(string line) => Assert.Null(ConfigText.Split(line));

    [Fact]
    public void Quote_EveryByte_ComesBack()
    {
        string text = string.Concat(Enumerable.Range(0, 256).Select(value => (char)value));

        Assert.Equal([text, "x"], ConfigText.Split(ConfigText.Quote(text) + " x"));
        Assert.Equal("\"\\x00a\\\"\\\\\\n\\xff\"", ConfigText.Quote("\0a\"\\\n\u00ff"));
    }

    [Fact]
    public void Unicode_Path_IsItsUtf8Bytes()
    {
        Assert.Equal("\u00c3\u00a9", ConfigText.FromUnicode("é"));
        Assert.Equal("é", ConfigText.ToUnicode("\u00c3\u00a9"));
    }
}

using OrleansKv.Engine.Configuration;

namespace OrleansKv.Engine.Tests.Configuration;

public sealed class CommandLineTests
{
    public static TheoryData<string[], string> OptionTexts => new()
    {
        { [], "" },
        { ["--port", "1"], "port \"1\" " },
        { ["--port", "1", "2"], "port \"1\" \"2\" " },
        { ["--port", "1", "--hz", "2"], "port \"1\" \nhz \"2\" " },
        { ["--port"], "port " },
        { ["--port 1", "--hz '2'"], "port 1 \nhz '2' " },
        { ["--port", "--loglevel", "verbose"], "port \"--loglevel\" \"verbose\" " },
        { ["--port", "--bla", "--loglevel", "verbose"], "port \"--bla\" \nloglevel \"verbose\" " },
        { ["--save", "--loglevel", "verbose"], "save \"\"\nloglevel \"verbose\" " },
        { ["--loglevel", "verbose", "--save"], "loglevel \"verbose\" \nsave \"\"" },
        { ["--save", "", "--hz", "1"], "save \"\" \nhz \"1\" " },
        { ["--logfile", "--save", "--save", "", "--hz", "1"], "logfile \"--save\" \nsave \"\" \nhz \"1\" " },
        { ["--pidfile", "a \"b\" é"], "pidfile \"a \\\"b\\\" \\xc3\\xa9\" " },
        { ["redis.conf", "loglevel", "verbose"], "\"loglevel\" \"verbose\" " },
    };

    [Theory]
    [MemberData(nameof(OptionTexts))]
    public void Parse_Options_BecomeText(string[] arguments, string options) => Assert.Equal(options, CommandLine.Parse(arguments).Options);

    [Theory]
    [InlineData("-v", CommandLineAction.ShowVersion)]
    [InlineData("--version", CommandLineAction.ShowVersion)]
    [InlineData("-h", CommandLineAction.ShowHelp)]
    [InlineData("--help", CommandLineAction.ShowHelp)]
    [InlineData("--port", CommandLineAction.Run)]
    public void Parse_FirstArgument_DecidesTheAction(string argument, CommandLineAction action) =>
        Assert.Equal(action, CommandLine.Parse([argument, "6379"]).Action);

    [Fact]
    public void Parse_FirstArgumentWithoutDash_IsTheFile()
    {
        Assert.Equal("a.conf", CommandLine.Parse(["a.conf", "--port", "1"]).ConfigFile);
        Assert.Null(CommandLine.Parse(["--port", "1"]).ConfigFile);
    }

    [Fact]
    public void Parse_DashFirstOrLast_ReadsStandardInput()
    {
        Assert.True(CommandLine.Parse(["-"]).ReadsStandardInput);
        Assert.True(CommandLine.Parse(["a.conf", "--port", "1", "-"]).ReadsStandardInput);
        Assert.False(CommandLine.Parse(["--logfile", "-", "--port", "1"]).ReadsStandardInput);
    }
}

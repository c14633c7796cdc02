using OrleansKv.Engine.Configuration;

namespace OrleansKv.Engine.Tests.Configuration;

public sealed class ConfigFileReaderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("orleanskv-config-").FullName;
    private readonly ServerConfig _config;

    public ConfigFileReaderTests() => _config = new ServerConfig { Directory = _directory };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void LoadText_CommentsBlanksCaseAndRepetition_LastValueWins()
    {
        Read("# comment\n\n   \r\n\tPORT 1\r\nport 2\n  # port 3\nbind 127.0.0.1 ::1\ntimeout '7'");

        Assert.Equal((2, 7), (_config.Port, _config.TimeoutSeconds));
        Assert.Equal(["127.0.0.1", "::1"], _config.BindAddresses);
    }

    [Fact]
    public void LoadText_RepeatedOutputBufferLimits_SetEachClass()
    {
        Read("client-output-buffer-limit normal 1 2 3\nclient-output-buffer-limit \"pubsub 1mb 1kb 9\"");

        Assert.Equal(new OutputBufferLimit(1, 2, 3), _config.NormalOutputBufferLimit);
        Assert.Equal(new OutputBufferLimit(1 << 20, 1 << 10, 9), _config.PubSubOutputBufferLimit);
    }

    [Theory]
    [InlineData("save \"\"")]
    [InlineData("save ''")]
    [InlineData("appendonly no\ncluster-enabled no\nslaveof no one")]
    public void LoadText_FeatureSwitchedOff_IsAccepted(string text) => Read(text);

    [Theory]
    [InlineData("\nport 1 2\n", 2, "port 1 2", "wrong number of arguments")]
    [InlineData("port", 1, "port", "wrong number of arguments")]
    [InlineData("  port \"1  \r\n", 1, "port \"1", "Unbalanced quotes in configuration line")]
    [InlineData("nosuch 1", 1, "nosuch 1", "Bad directive or wrong number of arguments")]
    [InlineData("include a b", 1, "include a b", "Bad directive or wrong number of arguments")]
    [InlineData("port 1\nhz x", 2, "hz x", "argument couldn't be parsed into an integer")]
    [InlineData("save 900 1", 1, "save 900 1", "this version writes no snapshots: the only value is \"\"")]
    public void LoadText_BadLine_IsNamed(string text, int lineNumber, string line, string reason)
    {
        var error = Assert.Throws<ConfigFileException>(() => Read(text));

        Assert.Equal((lineNumber, line, reason), (error.LineNumber, error.Line, error.Message));
    }

    [Fact]
    public void Include_FilesInPlace_OverrideWhatStandsBefore()
    {
        Write("one.conf", "port 1\ntimeout 1\ninclude sub/two.conf\n");
        Write("sub/two.conf", "timeout 2");
        Read("port 9\ninclude one.conf\nhz 50");

        Assert.Equal((1, 2, 50), (_config.Port, _config.TimeoutSeconds, _config.Hz));
    }

    [Fact]
    public void Include_Pattern_ReadsFilesInOrderAndMayMatchNone()
    {
        Write("conf.d/20.conf", "port 20\n");
        Write("conf.d/10.conf", "port 10\ntimeout 10\n");
        Write("conf.d/.hidden.conf", "nosuch\n");
        Write("conf.d/other.txt", "nosuch\n");
        Read($"include {_directory}/conf.?/*.conf\ninclude {_directory}/none/*.conf");

        Assert.Equal((20, 10), (_config.Port, _config.TimeoutSeconds));
    }

    [Fact]
    public void Include_MissingFile_IsFatal()
    {
        var error = Assert.Throws<ConfigFileException>(() => Read("include nothere.conf"));

        Assert.Equal("Fatal error, can't open config file 'nothere.conf': No such file or directory", error.Message);
        Assert.Equal(0, error.LineNumber);
    }

    [Fact]
    public void Include_Itself_IsFatal()
    {
        Write("loop.conf", "include loop.conf");

        Assert.Equal("Too many levels of include", Assert.Throws<ConfigFileException>(() => Read("include loop.conf")).Message);
    }

    [Fact]
    public void Directory_InFile_IsWhereLaterPathsAre()
    {
        Write("sub/two.conf", "timeout 2");
        Read("dir sub\ninclude two.conf\npidfile x.pid");

        Assert.Equal(2, _config.TimeoutSeconds);
        Assert.Equal(Path.Combine(_directory, "sub", "x.pid"), _config.ResolvePath(_config.PidFile!));
    }

    [Fact]
    public void Load_FileStandardInputAndOptions_InThisOrder()
    {
        Write("redis.conf", "port 1\ntimeout 1\nhz 1\n");
        Load("port 2\ntimeout 2\n", "redis.conf", "--port", "3", "-");

        Assert.Equal((3, 2, 1), (_config.Port, _config.TimeoutSeconds, _config.Hz));
        Assert.Equal(Path.Combine(_directory, "redis.conf"), _config.ConfigFile);
    }

    [Fact]
    public void Load_BadOption_CountsLinesOn()
    {
        Write("redis.conf", "port 1\n");
        var error = Assert.Throws<ConfigFileException>(() => Load("", "redis.conf", "--hz", "1", "--port", "x", "y"));

        Assert.Equal((4, "port \"x\" \"y\"", "wrong number of arguments"), (error.LineNumber, error.Line, error.Message));
    }

    private void Read(string text) => new ConfigFileReader(_config).LoadText(text);

    private void Load(string standardInput, params string[] arguments) =>
        new ConfigFileReader(_config).Load(CommandLine.Parse(arguments), new StringReader(standardInput));

    private void Write(string name, string text)
    {
        string path = Path.Combine(_directory, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}

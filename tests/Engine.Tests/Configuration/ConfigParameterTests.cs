using OrleansKv.Engine.Configuration;

namespace OrleansKv.Engine.Tests.Configuration;

public sealed class ConfigParameterTests
{
    public static TheoryData<string> AllNames => [.. ConfigParameters.All.Select(parameter => parameter.Name)];

    [Theory]
    [MemberData(nameof(AllNames))]
    public void Row_OwnValue_IsTakenBack(string name)
    {
        var config = new ServerConfig();
        ConfigParameter parameter = ConfigParameters.Get(name);
        string printed = parameter.Print(config);

        Assert.True(parameter.TrySetText(config, printed, out string? error), error);
        Assert.Equal(printed, parameter.Print(config));
        Assert.NotEmpty(parameter.Summary);
        Assert.NotEmpty(parameter.Values);
    }

    [Theory]
    [MemberData(nameof(AllNames))]
    public void Row_RewrittenLines_GiveTheValueBack(string name)
    {
        ServerConfig config = Samples.Configured();
        ConfigParameter parameter = ConfigParameters.Get(name);
        var copy = new ServerConfig();
        foreach (RewriteLine line in parameter.Rewrite(config))
        {
            List<string> arguments = ConfigText.Split(line.Text)!;
            Assert.Equal(name, arguments[0]);
            Assert.True(parameter.TrySet(copy, arguments[1..], out string? error), error);
        }

        Assert.Equal(parameter.Print(config), parameter.Print(copy));
    }

    [Fact]
    public void Samples_EveryParameterThatHasAChoice_DiffersFromItsDefault()
    {
        ServerConfig config = Samples.Configured();
        var defaults = new ServerConfig();
        foreach (ConfigParameter parameter in ConfigParameters.All.Where(parameter => !parameter.Values.EndsWith(" only", StringComparison.Ordinal)))
            Assert.NotEqual(parameter.Print(defaults), parameter.Print(config));
    }

    [Theory]
    [InlineData("port", "70000", "argument must be between 0 and 65535 inclusive")]
    [InlineData("port", "-1", "argument must be between 0 and 65535 inclusive")]
    [InlineData("port", "12a", "argument couldn't be parsed into an integer")]
    [InlineData("port", "012", "argument couldn't be parsed into an integer")]
    [InlineData("maxclients", "0", "argument must be between 1 and 4294967295 inclusive")]
    [InlineData("maxmemory", "-1", "argument must be a memory value")]
    [InlineData("maxmemory", "1tb", "argument must be a memory value")]
    [InlineData("maxmemory", "99999999999999999gb", "argument must be a memory value")]
    [InlineData("proto-max-bulk-len", "1kb", "argument must be between 1048576 and 9223372036854775807 inclusive")]
    [InlineData("maxmemory-clients", "200%", "percentage argument must be less or equal to 100")]
    [InlineData("maxmemory-clients", "x%", "argument must be a memory or percent value")]
    [InlineData("unixsocketperm", "8", "argument couldn't be parsed as an octal number")]
    [InlineData("unixsocketperm", "1000", "argument must be between 0 and 777 inclusive")]
    [InlineData("protected-mode", "true", "argument must be 'yes' or 'no'")]
    [InlineData("loglevel", "loud", "argument(s) must be one of the following: debug, verbose, notice, warning, nothing")]
    [InlineData("notify-keyspace-events", "KEZ", "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")]
    [InlineData("dir", "/no/such/place", "No such file or directory")]
    [InlineData("client-output-buffer-limit", "normal 0 0", "Wrong number of arguments in buffer limit configuration.")]
    [InlineData("client-output-buffer-limit", "nobody 0 0 0", "Invalid client class specified in buffer limit configuration.")]
    [InlineData("client-output-buffer-limit", "normal 0 0 -1", "Error in hard, soft or soft_seconds setting in buffer limit configuration.")]
    [InlineData("appendonly", "yes", "this version has no append-only file: the only value is 'no'")]
    [InlineData("save", "900 1", "this version writes no snapshots: the only value is \"\"")]
    public void TrySetText_BadValue_GivesTheReasonAndChangesNothing(string name, string value, string reason)
    {
        var config = new ServerConfig();
        ConfigParameter parameter = ConfigParameters.Get(name);
        string before = parameter.Print(config);

        Assert.False(parameter.TrySetText(config, value, out string? error));
        Assert.Equal(reason, error);
        Assert.Equal(before, parameter.Print(config));
    }

    [Theory]
    [InlineData("maxmemory", "1GB", "1073741824")]
    [InlineData("maxmemory", "1g", "1000000000")]
    [InlineData("maxmemory", "10b", "10")]
    [InlineData("maxmemory-clients", "5%", "5%")]
    [InlineData("maxmemory-clients", "1m", "1000000")]
    [InlineData("unixsocketperm", "0700", "700")]
    [InlineData("loglevel", "WARNING", "warning")]
    [InlineData("hz", "0", "1")]
    [InlineData("hz", "100000", "500")]
    [InlineData("bind", "", "")]
    [InlineData("bind", "127.0.0.1 ::1", "127.0.0.1 ::1")]
    [InlineData("save", "", "")]
    [InlineData("notify-keyspace-events", "g$lshzxetd", "A")]
    [InlineData("notify-keyspace-events", "AKEm", "AKEm")]
    [InlineData("notify-keyspace-events", "lnE", "lnE")]
    [InlineData("client-output-buffer-limit", "REPLICA 1mb 1k 5", "normal 0 0 0 slave 1048576 1000 5 pubsub 33554432 8388608 60")]
    [InlineData("hash-max-ziplist-value", "1kb", "1024")]
    public void TrySetText_GoodValue_IsPrintedAsRedisPrintsIt(string name, string value, string printed)
    {
        var config = new ServerConfig();
        ConfigParameter parameter = ConfigParameters.Get(name);

        Assert.True(parameter.TrySetText(config, value, out string? error), error);
        Assert.Equal(printed, parameter.Print(config));
    }

    [Fact]
    public void RequirePass_AnyBytes_AreKept()
    {
        var config = new ServerConfig();
        byte[] password = [0xff, 0x00, 0xc3, 0x28, (byte)'"'];

        Assert.True(ConfigParameters.Get("requirepass").TrySetText(config, ConfigText.FromBytes(password), out _));
        Assert.Equal(password, config.RequirePass);
        Assert.True(ConfigParameters.Get("requirepass").TrySetText(config, "", out _));
        Assert.Null(config.RequirePass);
    }
}

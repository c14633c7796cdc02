using OrleansKv.Drill;
using OrleansKv.Drill.Servers;

namespace OrleansKv.Cluster.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Parse_Nothing_RedisClusterOfSix()
    {
        var options = Options.Parse();
        Assert.Equal(("redis", true, 6, 1), (options.Server.Name, options.Server.IsCreatedByRedisCli, options.Nodes, options.Replicas));
    }

    [Fact]
    public void Parse_ServerWithCommandLine_FilledIn()
    {
        ServerKind server = Options.Parse("--server", "mine='/with space/kv' --port {port} --dir {dir} --x {shared}/m --y \"\" --r {replicas} --n={nodes}").Server;
        Assert.False(server.IsCreatedByRedisCli);
        Assert.Equal(
            ["/with space/kv", "--port", "7001", "--dir", "/d/1", "--x", "/d/shared/m", "--y", "", "--r", "2", "--n=6"],
            server.Command(7001, "/d/1", "/d/shared", 6, 2));
    }

    [Theory]
    [InlineData("orleanskv", false)]
    [InlineData("orleanskv-proxy", true)]
    public void Parse_OrleansKv_FindsEachOther(string name, bool isProxy)
    {
        ServerKind server = Options.Parse("--server", name, "--flags", "--io-threads 1").Server;
        Assert.Equal((name, false, isProxy), (server.Name, server.IsCreatedByRedisCli, server.IsProxy));
        IReadOnlyList<string> command = server.Command(7001, "/d/1", "/d/shared", 3, 1);
        Assert.True(File.Exists(command[0]), command[0]);
        Assert.Equal(["--cluster-enabled", isProxy ? "no" : "yes", "--io-threads", "1"], command.TakeLast(4));
    }

    [Theory]
    [InlineData("--rounds", "0")]
    [InlineData("--faults", "flood")]
    [InlineData("--faults", "7")]
    [InlineData("--victim", "nobody")]
    [InlineData("--server", "unheard-of")]
    [InlineData("--nonsense", "1")]
    [InlineData("--seed")]
    public void Parse_Nonsense_SaysSo(params string[] args) => Assert.Throws<FormatException>(() => Options.Parse(args));
}

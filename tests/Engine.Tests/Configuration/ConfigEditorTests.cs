using OrleansKv.Engine.Configuration;

namespace OrleansKv.Engine.Tests.Configuration;

public sealed class ConfigEditorTests
{
    private readonly ServerConfig _config = new();

    [Fact]
    public void Get_NameInAnyCase_AnswersTheNameAsAsked() =>
        Assert.Equal([new("MaxMemory", "0")], ConfigEditor.Get(_config, ["MaxMemory", "nosuch", "MAXMEMORY"]));

    [Fact]
    public void Get_OverlappingPatterns_GiveEachNameOnce()
    {
        List<KeyValuePair<string, string>> found = ConfigEditor.Get(_config, ["maxmemory", "maxmemory*", "bind", "*of", "MAXMEM?R[x-z]"]);

        string[] names = [.. found.Select(pair => pair.Key)];
        Assert.Equal(names.Distinct(), names);
        string[] expected = ["maxmemory", "maxmemory-samples", "maxmemory-clients", "bind", "replicaof", "slaveof"];
        Assert.Empty(expected.Except(names));
    }

    [Fact]
    public void Get_Star_GivesEveryNameAndAlias()
    {
        int expected = ConfigParameters.All.Sum(parameter => 1 + parameter.Aliases.Length);

        Assert.Equal(expected, ConfigEditor.Get(_config, ["*"]).Count);
        Assert.Empty(ConfigEditor.Get(_config, []));
    }

    [Fact]
    public void Set_SeveralPairs_SetsAll()
    {
        Assert.Null(ConfigEditor.Set(_config, ["maxmemory", "1gb", "TIMEOUT", "5", "hash-max-ziplist-entries", "9"], isLocalClient: true));
        Assert.Equal((1L << 30, 5, 9), (_config.MaxMemoryBytes, _config.TimeoutSeconds, _config.HashMaxListpackEntries));
    }

    [Fact]
    public void Set_OneBadValue_SetsNone()
    {
        string? error = ConfigEditor.Set(
            _config, ["maxmemory", "1", "maxmemory-clients", "200%", "client-query-buffer-limit", "invalid"], isLocalClient: true);

        Assert.Equal(
            "CONFIG SET failed (possibly related to argument 'maxmemory-clients') - percentage argument must be less or equal to 100", error);
        Assert.Equal(0, _config.MaxMemoryBytes);
    }

    [Theory]
    [InlineData("nosuch", "1", "Unknown option or number of arguments for CONFIG SET - 'nosuch'")]
    [InlineData("daemonize", "yes", "CONFIG SET failed (possibly related to argument 'daemonize') - can't set immutable config")]
    [InlineData("dir", "/", "CONFIG SET failed (possibly related to argument 'dir') - can't set protected config")]
    public void Set_WhatMayNotBeSet_IsRefused(string name, string value, string expected) =>
        Assert.Equal(expected, ConfigEditor.Set(_config, [name, value], isLocalClient: true));

    [Fact]
    public void Set_SameParameterTwice_IsRefused() => Assert.Equal(
        "CONFIG SET failed (possibly related to argument 'HZ') - duplicate parameter",
        ConfigEditor.Set(_config, ["hz", "1", "HZ", "1"], isLocalClient: true));

    [Fact]
    public void Set_BadValueOfAlias_NamesTheAlias() => Assert.Equal(
        "CONFIG SET failed (possibly related to argument 'list-max-ziplist-size') - argument couldn't be parsed into an integer",
        ConfigEditor.Set(_config, ["list-max-ZIPLIST-size", "x"], isLocalClient: true));

    [Fact]
    public void Set_ProtectedParameterWithLocal_DependsOnTheClient()
    {
        _config.EnableProtectedConfigs = ProtectedAction.Local;

        Assert.NotNull(ConfigEditor.Set(_config, ["dir", "/"], isLocalClient: false));
        Assert.Null(ConfigEditor.Set(_config, ["dir", "/"], isLocalClient: true));
        Assert.Equal("/", _config.Directory);
    }

    [Fact]
    public void Set_ChangedParameters_RunTheirApplierOnce()
    {
        int runs = 0;
        _config.OnChange(() => Count(ref runs), "timeout", "maxclients");

        Assert.Null(ConfigEditor.Set(_config, ["timeout", "5", "maxclients", "7", "hz", "20"], isLocalClient: true));
        Assert.Equal(1, runs);
        Assert.Null(ConfigEditor.Set(_config, ["timeout", "5", "hz", "10"], isLocalClient: true));
        Assert.Equal(1, runs);
    }

    [Fact]
    public void Set_ApplierRefuses_PutsValuesBackAndAppliesThemAgain()
    {
        var seen = new List<int>();
        _config.OnChange(
            () =>
            {
                seen.Add(_config.Port);
                return null;
            },
            "maxmemory");
        _config.OnChange(() => _config.Port == 1 ? "Unable to listen on this port. Check server logs." : null, "port");

        string? error = ConfigEditor.Set(_config, ["maxmemory", "1gb", "port", "1"], isLocalClient: true);

        Assert.Equal("CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs.", error);
        Assert.Equal((0, 6379), (_config.MaxMemoryBytes, _config.Port));
        Assert.Equal([1, 6379], seen);
    }

    private static string? Count(ref int runs)
    {
        runs++;
        return null;
    }
}

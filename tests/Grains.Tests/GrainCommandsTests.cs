using System.Text;
using OrleansKv.Engine.Commands;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.Engine.Keyspace;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Grains.Tests;

/// <summary>Which commands of a grain call are refused, and why.</summary>
public sealed class GrainCommandsTests : IDisposable
{
    private readonly ServerConfig _config = new();
    private readonly Store _store;
    private readonly GrainCommands _commands;

    public GrainCommandsTests()
    {
        _store = new(_config, TimeProvider.System, [Connected]);
        _commands = new(_store);
    }

    // A row of a gateway, such as WATCH.
    private static CommandRow Connected => new(
        "connected", 2, CommandFlags.Fast, AclCategories.None, CommandScope.Keys, (CommandContext _, ref ReplyWriter reply) => reply.Ok())
    {
        Keys = [KeySpec.At(1, "RO")], NeedsConnection = true,
    };

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Write_AboveMaxMemoryWithoutEviction_IsRefused()
    {
        _config.MaxMemoryBytes = 1;

        Assert.Equal("-OOM command not allowed when used memory > 'maxmemory'.\r\n", Run("SET k v"));
        Assert.Equal("$-1\r\n", Run("GET k"));
        Assert.Equal(":0\r\n", Run("DEL k"));
    }

    [Fact]
    public void Command_OnASlotOfAnotherSilo_IsNotExecuted()
    {
        Run("SET k v");
        _store.SlotOf("k"u8).Role = SlotRole.Away;

        Assert.Equal("-NOTOWNER 0\r\n", Run("GET k"));
        Assert.Equal("-NOTOWNER 0\r\n", Run("MSET other v k v"));
        Assert.Equal("$-1\r\n", Run("GET other"));
        Assert.Equal(":0\r\n", Run("DBSIZE"));
    }

    [Fact]
    public void Write_AboveMaxMemory_Evicts()
    {
        Run("SET old v");
        _config.MaxMemoryPolicy = MaxMemoryPolicy.AllKeysRandom;
        _config.MaxMemoryBytes = 1;

        Run("SET new v");

        Assert.Equal("$-1\r\n", Run("GET old"));
    }

    [Fact]
    public void Write_WhileWritesArePaused_IsRefused()
    {
        _store.Pause.Start(PauseKind.Write, long.MaxValue, 0);

        Assert.Equal("-TRYAGAIN clients are paused\r\n", Run("SET k v"));
        Assert.Equal("$-1\r\n", Run("GET k"));
        _store.Pause.End();
        Assert.Equal("+OK\r\n", Run("SET k v"));
    }

    [Fact]
    public void Read_WhileAllIsPaused_IsRefused()
    {
        _store.Pause.Start(PauseKind.All, long.MaxValue, 0);

        Assert.Equal("-TRYAGAIN clients are paused\r\n", Run("GET k"));
    }

    [Fact]
    public void Command_ThatNeedsAConnection_IsRefused() =>
        Assert.Equal("-ERR 'connected' needs a connection\r\n", Run("CONNECTED k"));

    private string Run(string command)
    {
        var words = command.Split(' ');
        var bytes = Encoding.ASCII.GetBytes($"*{words.Length}\r\n{string.Concat(words.Select(word => $"${word.Length}\r\n{word}\r\n"))}");
        return Encoding.ASCII.GetString(_commands.Execute(new(bytes), database: 0, slotNumber: null).Bytes);
    }
}

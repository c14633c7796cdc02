using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using OrleansKv.Engine.Configuration;
using OrleansKv.Silo.Logging;

namespace OrleansKv.Silo.Tests.Logging;

public sealed class ServerLogTests
{
    private readonly ServerConfig _config = new();
    private readonly MemoryStream _output = new();

    private string Written => Encoding.UTF8.GetString(_output.ToArray());

    [Fact]
    public void Log_Line_IsInRedisFormat()
    {
        ILogger logger = NewLog().CreateLogger("OrleansKv.Silo");
        logger.LogInformation("one {Value}", "é");
        logger.LogError(new InvalidOperationException("why"), "two");

        string[] lines = Written.Split('\n');
        Assert.Equal($"{Environment.ProcessId}:M 02 Jan 2030 03:04:05.678 * one é", lines[0]);
        Assert.Equal($"{Environment.ProcessId}:M 02 Jan 2030 03:04:05.678 # two: System.InvalidOperationException: why", lines[1]);
    }

    [Theory]
    [InlineData(LogVerbosity.Debug, ".-*##")]
    [InlineData(LogVerbosity.Verbose, "-*##")]
    [InlineData(LogVerbosity.Notice, "*##")]
    [InlineData(LogVerbosity.Warning, "##")]
    [InlineData(LogVerbosity.Nothing, "")]
    public void Log_Verbosity_DecidesAtEachLine(LogVerbosity verbosity, string marks)
    {
        ILogger logger = NewLog().CreateLogger("OrleansKv.Silo");
        _config.LogLevel = verbosity;
        foreach (LogLevel level in (LogLevel[])[LogLevel.Trace, LogLevel.Debug, LogLevel.Information, LogLevel.Warning, LogLevel.Critical])
            logger.Log(level, "m");

        Assert.Equal(marks, string.Concat(Written.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line[^3])));
    }

    [Theory]
    [InlineData("Orleans.Runtime.Silo")]
    [InlineData("Microsoft.Hosting.Lifetime")]
    [InlineData("Polly")]
    public void Log_FrameworkInformation_IsVerbose(string category)
    {
        ILogger logger = NewLog().CreateLogger(category);
        logger.LogInformation("hidden");
        logger.LogWarning("shown");

        Assert.EndsWith("# shown\n", Written, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", Written, StringComparison.Ordinal);
    }

    [Fact]
    public void Log_FileRemovedMeanwhile_IsMadeAnew()
    {
        using var directory = new TemporaryDirectory();
        _config.LogFile = directory.Combine("log");
        ILogger logger = NewLog().CreateLogger("OrleansKv.Silo");
        logger.LogInformation("one");
        File.Delete(_config.LogFile);
        logger.LogInformation("two");

        Assert.EndsWith("* two\n", File.ReadAllText(_config.LogFile), StringComparison.Ordinal);
        Assert.Equal("", Written);
    }

    [Fact]
    public async Task SystemLog_Line_CarriesFacilityAndSeverity()
    {
        using var directory = new TemporaryDirectory();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(directory.Combine("log")));
        using var log = new SystemLog("me", SyslogFacility.Local0, directory.Combine("log"));
        log.Write(LogVerbosity.Notice, "hello");

        using var timeout = new CancellationTokenSource(ServerProcess.Patience);
        byte[] buffer = new byte[256];
        int length = await socket.ReceiveAsync(buffer, timeout.Token);
        Assert.Equal($"<133>me[{Environment.ProcessId}]: hello", Encoding.UTF8.GetString(buffer, 0, length));
    }

    [Fact]
    public void SystemLog_NobodyListens_LosesTheLine()
    {
        using var log = new SystemLog("me", SyslogFacility.User, "/no/such/socket");
        log.Write(LogVerbosity.Warning, "hello");
    }

    private ServerLog NewLog() => new(_config, new FixedTime(), _output);

    private sealed class FixedTime : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2030, 1, 2, 3, 4, 5, 678, TimeSpan.Zero);
    }
}

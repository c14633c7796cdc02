namespace OrleansKv.Silo.Tests;

public sealed class CommandLineProcessTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("-v")]
    [InlineData("--version")]
    public async Task Run_Version_PrintsItAndSucceeds(string argument)
    {
        (int exitCode, string output, string error) = await RunAsync(argument);

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Matches(@"^OrleansKv server v=\d+\.\d+\.\d+ runtime=(Orleans\.Local|Microsoft\.Orleans)-\d", output);
    }

    [Fact]
    public async Task Run_Help_PrintsUsageOnStandardError()
    {
        (int exitCode, string output, string error) = await RunAsync("--help");

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith("Usage: orleanskv [/path/to/redis.conf] [options] [-]", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bad directive or wrong number of arguments", "--invalid")]
    [InlineData(">>> 'port'\nwrong number of arguments", "--port")]
    [InlineData(">>> 'loglevel'\nwrong number of arguments", "--port", "6380", "--loglevel")]
    [InlineData(">>> 'port \"6379\" \"6380\"'\nwrong number of arguments", "--port", "6379", "6380")]
    [InlineData(">>> 'port \"--loglevel\" \"verbose\"'\nwrong number of arguments", "--port", "--loglevel", "verbose")]
    [InlineData(">>> 'port \"--bla\"'\nargument couldn't be parsed into an integer", "--port", "--bla", "--loglevel", "verbose")]
    [InlineData(">>> 'loglevel \"--bla\"'\nargument(s) must be one of the following: ", "--logfile", "--my--log", "--loglevel", "--bla")]
    public async Task Run_BadOption_FailsWithTheLineAndTheReason(string expected, params string[] arguments)
    {
        (int exitCode, string output, string error) = await RunAsync(arguments);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Matches(@"^\n\*\*\* FATAL CONFIG FILE ERROR \(OrleansKv \d+\.\d+\.\d+\) \*\*\*\nReading the configuration file, at line \d+\n", error);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BadLineInFile_NamesLineNumberLineAndReason()
    {
        string file = _directory.Write("redis.conf", "# first\nport 18100\nmaxmemory lots\n");

        (int exitCode, _, string error) = await RunAsync(file);

        Assert.Equal(1, exitCode);
        Assert.EndsWith(
            "Reading the configuration file, at line 3\n>>> 'maxmemory lots'\nargument must be a memory value\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BadLineInIncludedFile_NamesThatLine()
    {
        _directory.Write("more.conf", "nosuch é\n");
        string file = _directory.Write("redis.conf", "port 18100\ninclude more.conf\n");

        (int exitCode, _, string error) = await RunAsync(file);

        Assert.Equal(1, exitCode);
        Assert.EndsWith("at line 1\n>>> 'nosuch é'\nBad directive or wrong number of arguments\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_BadLineOnStandardInput_Fails()
    {
        (int exitCode, _, string error) = await ServerProcess.RunAsync(_directory.Path, "port 18100\nhz \"1\n", "-");

        Assert.Equal(1, exitCode);
        Assert.EndsWith("at line 2\n>>> 'hz \"1'\nUnbalanced quotes in configuration line\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothere.conf", "Fatal error, can't open config file 'nothere.conf': No such file or directory")]
    [InlineData("--logfile|/no/such/directory/log", "Can't open the log file: ")]
    [InlineData("--dir|/no/such/directory", "No such file or directory")]
    public async Task Run_FileThatCannotBeUsed_Fails(string arguments, string expected)
    {
        (int exitCode, _, string error) = await RunAsync(arguments.Split('|'));

        Assert.Equal(1, exitCode);
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        ServerProcess.RunAsync(_directory.Path, "", arguments);
}

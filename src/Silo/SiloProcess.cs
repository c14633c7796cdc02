using System.Text;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Execution;
using OrleansKv.RespGateway;
using OrleansKv.RespGateway.Commands;
using OrleansKv.Silo.Logging;
using OrleansKv.Silo.Processes;

namespace OrleansKv.Silo;

/// <summary>
/// The life of the process: command line, configuration, background, log, pid file, server, ready; then a signal or SHUTDOWN, and the same
/// way back. Gives the exit code: 0 after an orderly end, 1 if the server could not start or was told to stop twice.
/// </summary>
internal static class SiloProcess
{
    /// <summary>How long a silo may take to hand its slots over before it goes without.</summary>
    private static readonly TimeSpan LeaveLimit = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var commandLine = CommandLine.Parse(arguments);
        switch (commandLine.Action)
        {
            case CommandLineAction.ShowVersion:
                await Console.Out.WriteLineAsync(ProductInfo.VersionLine);
                return 0;
            case CommandLineAction.ShowHelp:
                // Redis counts this as a failure, so that a script that passes a wrong flag notices.
                await Console.Error.WriteLineAsync(ProductInfo.Usage);
                return 1;
        }

        bool isSecondProcess = Daemon.TakeMark();
        var restart = new ProcessRestart(arguments, isSecondProcess);
        var config = new ServerConfig();
        if (!TryLoad(config, commandLine, out string standardInput))
            return 1;

        var supervisor = Supervisor.Find(config.Supervised);
        bool isBackground = config.Daemonize && !supervisor.IsPresent && !OperatingSystem.IsWindows();
        if (isBackground && !isSecondProcess)
        {
            Daemon.Start(arguments, standardInput);
            return 0;
        }

        if (isBackground)
            Daemon.Detach();
        Environment.CurrentDirectory = config.Directory;
        return await ServeAsync(config, supervisor, restart, isBackground, hasArguments: arguments.Length > 0);
    }

    private static bool TryLoad(ServerConfig config, CommandLine commandLine, out string standardInput)
    {
        string? carriedOn = ProcessRestart.TakeConfiguration();
        standardInput = carriedOn is null && commandLine.ReadsStandardInput ? Console.In.ReadToEnd() : "";
        try
        {
            var reader = new ConfigFileReader(config);
            reader.Load(commandLine, new StringReader(standardInput));
            if (carriedOn is not null)
                reader.LoadText(carriedOn);
            CheckLogFile(config);

            // Nodes that start alone find each other in the data directory that they share, as those of a Redis cluster find their configuration there.
            if (config is { ClusterEnabled: true, ClusterAutoAssign: false }) config.ClusterDirectory ??= "cluster";
            if (ClusterMember.Check(config) is { } reason)
                throw new ConfigFileException(reason);
            return true;
        }
        catch (ConfigFileException e)
        {
            var text = new StringBuilder($"\n*** FATAL CONFIG FILE ERROR ({ProductInfo.Name} {ProductInfo.Version}) ***\n");
            if (e.LineNumber > 0)
                text.Append($"Reading the configuration file, at line {e.LineNumber}\n>>> '{ConfigText.ToUnicode(e.Line)}'\n");
            Console.Error.Write(text.Append(e.Message).Append('\n').ToString());
            return false;
        }
    }

    /// <summary>A log file that cannot be written is found out while there still is someone to tell.</summary>
    private static void CheckLogFile(ServerConfig config)
    {
        if (config.LogFile.Length == 0)
            return;
        try
        {
            // The framework locks a file that is not shared, and somebody may be reading along.
            File.Open(config.ResolvePath(config.LogFile), FileMode.Append, FileAccess.Write, FileShare.ReadWrite).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigFileException($"Can't open the log file: {e.Message}");
        }
    }

    private static async Task<int> ServeAsync(
        ServerConfig config, Supervisor supervisor, ProcessRestart restart, bool isBackground, bool hasArguments)
    {
        using Stream? output = isBackground ? null : Console.OpenStandardOutput();
        using var log = new ServerLog(config, TimeProvider.System, output);
        using var loggers = new LoggerFactory([log], new LoggerFilterOptions { MinLevel = LogLevel.Trace });
        ILogger logger = loggers.CreateLogger("OrleansKv.Silo");

        Log.Started(logger, ProductInfo.Name, ProductInfo.Version, ProductInfo.Runtime, Environment.ProcessId);
        if (hasArguments)
            Log.ConfigurationLoaded(logger);
        else
            Log.DefaultConfiguration(logger, Environment.ProcessPath ?? "orleanskv");
        supervisor.Announce(config.Supervised, logger);

        var openFiles = OpenFileLimit.OfProcess();
        if (!openFiles.Fit(config, logger))
            return 1;
        config.OnChange(() => openFiles.Check(config), "maxclients");
        config.OnChange(() => MoveTo(config.Directory), "dir");

        string? pidPath = config.PidFile is { } path ? config.ResolvePath(path) : isBackground ? PidFile.DefaultPath : null;
        PidFile? pidFile = pidPath is null ? null : new PidFile(pidPath, logger);
        using var lifetime = new ServerLifetime(logger);
        var fatal = new DeclaredDead(config, lifetime, restart, logger);
        pidFile?.Write();
        try
        {
            if (!await RunServerAsync(config, supervisor, lifetime, fatal, log, logger))
                return 1;
        }
        catch (Exception e)
        {
            Log.StartFailed(logger, e);
            return 1;
        }
        finally
        {
            pidFile?.Remove();
        }

        Log.Stopped(logger, ProductInfo.Name);
        return 0;
    }

    /// <summary>
    /// Runs silo and gateway until they are to stop. They start side by side, and clients are let in last, when everything below answers.
    /// The store is not disposed of: its memory goes with the process, at once.
    /// </summary>
    private static async Task<bool> RunServerAsync(
        ServerConfig config, Supervisor supervisor, ServerLifetime lifetime, DeclaredDead fatal, ILoggerProvider log, ILogger logger)
    {
        var store = new Store(config, TimeProvider.System, GatewayCommands.Rows);
        Task<IHost> siloStart = Task.Run(() => OrleansSilo.StartAsync(store, config, log, fatal));
        using var server = new RespServer(store, config, error => Log.LoopError(logger, error));
        server.ShutdownRequested = lifetime.RequestStop;
        server.Warned = text => Log.Warned(logger, text);
        var listeners = new ServerListeners(server, config, logger);
        if (!listeners.TryOpen())
            return false;

        IHost silo = await siloStart;
        server.Cluster = OrleansSilo.LinkTo(silo);
        server.Start();
        Log.Ready(logger, ProductInfo.Name, ProductInfo.Version, ProductInfo.Runtime, listeners.Description, config.Directory);
        supervisor.NotifyReady();
        await lifetime.Stopping;

        Log.ShuttingDown(logger);
        supervisor.NotifyStopping();
        server.StopAccepting();
        using var limit = new CancellationTokenSource(LeaveLimit);
        await silo.StopAsync(limit.Token);
        return true;
    }

    /// <summary>The data directory is also the directory that the process is in, where a core dump would go.</summary>
    private static string? MoveTo(string directory)
    {
        try
        {
            Environment.CurrentDirectory = directory;
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}

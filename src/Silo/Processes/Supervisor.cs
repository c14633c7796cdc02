using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using OrleansKv.Engine.Configuration;

namespace OrleansKv.Silo.Processes;

/// <summary>
/// <c>supervised</c>: tells whoever started the process that it is ready and that it stops. systemd listens on the socket that NOTIFY_SOCKET
/// names (sd_notify's protocol); upstart waits for the process to stop itself and then continues it.
/// </summary>
internal sealed class Supervisor
{
    private const string SystemdVariable = "NOTIFY_SOCKET";
    private const string UpstartVariable = "UPSTART_JOB";

    private readonly SupervisedMode _mode;

    private Supervisor(SupervisedMode mode) => _mode = mode;

    /// <summary>Whether there is one; such a process stays in the foreground.</summary>
    public bool IsPresent => _mode != SupervisedMode.No;

    /// <summary>Finds the supervisor that the configuration asks for in the environment.</summary>
    public static Supervisor Find(SupervisedMode mode)
    {
        bool hasSystemd = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(SystemdVariable));
        bool hasUpstart = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(UpstartVariable));
        return new Supervisor(mode switch
        {
            SupervisedMode.Systemd or SupervisedMode.Auto when hasSystemd => SupervisedMode.Systemd,
            SupervisedMode.Upstart or SupervisedMode.Auto when hasUpstart => SupervisedMode.Upstart,
            _ => SupervisedMode.No,
        });
    }

    public void Announce(SupervisedMode requested, ILogger logger)
    {
        if (_mode == SupervisedMode.Systemd)
            Log.SupervisedBySystemd(logger);
        else if (_mode == SupervisedMode.Upstart)
            Log.SupervisedByUpstart(logger);
        else if (requested is SupervisedMode.Systemd or SupervisedMode.Upstart)
            Log.SupervisorMissing(logger, requested == SupervisedMode.Systemd ? SystemdVariable : UpstartVariable);
    }

    public void NotifyReady()
    {
        if (_mode == SupervisedMode.Systemd)
            NotifySystemd("STATUS=Ready to accept connections\nREADY=1\n");
        else if (_mode == SupervisedMode.Upstart)
            _ = NativeMethods.SendSignal(Environment.ProcessId, NativeMethods.StopSignal);
    }

    public void NotifyStopping()
    {
        if (_mode == SupervisedMode.Systemd)
            NotifySystemd("STOPPING=1\n");
    }

    private static void NotifySystemd(string message)
    {
        string path = Environment.GetEnvironmentVariable(SystemdVariable)!;
        if (path[0] == '@')
            path = '\0' + path[1..];
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.ASCII.GetBytes(message), new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            // A supervisor that does not listen decides itself what to make of the silence.
        }
    }
}

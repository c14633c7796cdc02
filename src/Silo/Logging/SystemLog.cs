using System.Net.Sockets;
using System.Text;
using OrleansKv.Engine.Configuration;

namespace OrleansKv.Silo.Logging;

/// <summary>The local system logger: datagrams to its Unix socket, "&lt;facility and severity&gt;ident[process]: message" (RFC 3164).</summary>
internal sealed class SystemLog : IDisposable
{
    public const string DefaultSocketPath = "/dev/log";

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly UnixDomainSocketEndPoint _endPoint;
    private readonly string _prefix;
    private readonly int _facility;

    public SystemLog(string ident, SyslogFacility facility, string socketPath = DefaultSocketPath)
    {
        _endPoint = new UnixDomainSocketEndPoint(socketPath);
        _prefix = $"{ident}[{Environment.ProcessId}]: ";
        _facility = (int)facility;
    }

    public void Write(LogVerbosity verbosity, string message)
    {
        int severity = verbosity switch
        {
            LogVerbosity.Debug => 7,
            LogVerbosity.Verbose => 6,
            LogVerbosity.Notice => 5,
            _ => 4,
        };
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes($"<{_facility | severity}>{_prefix}{message}"), _endPoint);
        }
        catch (SocketException)
        {
            // As with syslog(3), a logger that is not running loses the line.
        }
    }

    public void Dispose() => _socket.Dispose();
}

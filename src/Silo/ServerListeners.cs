using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using OrleansKv.Engine.Configuration;
using OrleansKv.RespGateway;
using OrleansKv.RespGateway.Transport;

namespace OrleansKv.Silo;

/// <summary>The gateway's listeners: what <c>bind</c>, <c>port</c> and <c>unixsocket</c> ask for, brought up to date by CONFIG SET.</summary>
internal sealed class ServerListeners(RespServer server, ServerConfig config, ILogger logger)
{
    /// <summary>How long an address that is being given up may still be taken.</summary>
    private static readonly TimeSpan ReleaseTime = TimeSpan.FromSeconds(1);

    private readonly Dictionary<(string Address, int Port), TransportListener> _tcp = [];

    /// <summary>Where clients find the server, for the ready line.</summary>
    public string Description => config.Port != 0 ? $"port {config.Port}" : $"unix socket {config.UnixSocket}";

    /// <summary>Opens everything at the start. False, with the reason in the log, if something that must be there cannot be opened.</summary>
    public bool TryOpen()
    {
        if (ApplyTcp() is not null)
        {
            Log.NoTcpListener(logger, config.Port);
            return false;
        }

        if (config.UnixSocket is { } path && !TryOpenUnix(config.ResolvePath(path)))
            return false;
        if (_tcp.Count == 0 && config.UnixSocket is null)
        {
            Log.NowhereToListen(logger);
            return false;
        }

        config.OnChange(() => ApplyTcp() is null ? null : "Unable to listen on this port. Check server logs.", "port");
        config.OnChange(() => ApplyTcp() is null ? null : "Failed to bind to specified addresses.", "bind");
        return true;
    }

    private bool TryOpenUnix(string path)
    {
        try
        {
            server.ListenUnix(path, config.UnixSocketPermissions == 0 ? null : config.UnixSocketPermissions);
            return true;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            Log.NoUnixListener(logger, path, e.Message);
            return false;
        }
    }

    /// <summary>
    /// Opens the addresses that are missing, then closes those that are no longer asked for. Gives null or the error; after an error the
    /// caller puts the old values back and calls again.
    /// </summary>
    private SocketException? ApplyTcp()
    {
        string[] addresses = config.Port == 0 ? [] : config.BindAddresses;
        var wanted = new HashSet<(string Address, int Port)>();
        foreach (string entry in addresses)
        {
            bool isOptional = entry.StartsWith('-');
            var key = (isOptional ? entry[1..] : entry, config.Port);
            wanted.Add(key);
            if (_tcp.ContainsKey(key) || Open(key, addresses) is not { } error || IsTolerable(error, isOptional))
                continue;
            Log.ListenFailed(logger, key.Item1, key.Port, error.Message);
            return error;
        }

        CloseUnless(wanted.Contains);
        return null;
    }

    private SocketException? Open((string Address, int Port) key, string[] addresses)
    {
        SocketException? error = TryListen(key);
        if (error?.SocketErrorCode != SocketError.AddressAlreadyInUse)
            return error;

        // It may be ourselves on an address of the same port that is given up now: "*" takes the place of "127.0.0.1". Closing is done by
        // another thread unless this one is the first loop's.
        bool isOurs = CloseUnless(open => open.Port != key.Port || addresses.Contains(open.Address) || addresses.Contains("-" + open.Address));
        if (isOurs)
            SpinWait.SpinUntil(() => (error = TryListen(key))?.SocketErrorCode != SocketError.AddressAlreadyInUse, ReleaseTime);
        return error;
    }

    private SocketException? TryListen((string Address, int Port) key)
    {
        try
        {
            _tcp[key] = server.ListenTcp(key.Address, key.Port);
            return null;
        }
        catch (SocketException e)
        {
            return e;
        }
    }

    /// <summary>Gives whether there was one to close.</summary>
    private bool CloseUnless(Func<(string Address, int Port), bool> isKept)
    {
        var closing = _tcp.Where(open => !isKept(open.Key)).ToArray();
        foreach ((var key, TransportListener listener) in closing)
        {
            listener.Close();
            _tcp.Remove(key);
        }

        return closing.Length > 0;
    }

    /// <summary>As in Redis: an address marked with '-' may be missing, and a family that the machine does not have is no error.</summary>
    private static bool IsTolerable(SocketException error, bool isOptional) => error.SocketErrorCode switch
    {
        SocketError.AddressNotAvailable => isOptional,
        SocketError.AddressFamilyNotSupported or SocketError.ProtocolFamilyNotSupported or SocketError.ProtocolNotSupported
            or SocketError.SocketNotSupported => true,
        _ => false,
    };
}

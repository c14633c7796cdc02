using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace OrleansKv.RespGateway.Transport;

/// <summary>Addresses in the form in which Redis prints them (CLIENT LIST's addr and laddr).</summary>
internal static class SocketAddressText
{
    public static string Format(EndPoint? endPoint) => endPoint switch
    {
        IPEndPoint ip => Format(ip.Address, ip.Port),
        UnixDomainSocketEndPoint unix => FormatUnix(unix.ToString()),
        _ => "?:0",
    };

    /// <summary>Clients of a Unix socket have no address of their own; Redis shows the server's path for both ends.</summary>
    public static string FormatUnix(string path) => path + ":0";

    /// <summary>Reads Linux's sockaddr_in or sockaddr_in6.</summary>
    public static string FormatLinuxInet(ReadOnlySpan<byte> socketAddress)
    {
        const int AddressFamilyInet = 2;
        int family = BitConverter.ToUInt16(socketAddress);
        int port = BinaryPrimitives.ReadUInt16BigEndian(socketAddress[2..]);
        var address = new IPAddress(family == AddressFamilyInet ? socketAddress.Slice(4, 4) : socketAddress.Slice(8, 16));
        return Format(address, port);
    }

    private static string Format(IPAddress address, int port)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return $"{address}:{port}";
        if (address.IsIPv4MappedToIPv6)
            return $"{address.MapToIPv4()}:{port}";
        // Without the scope, as inet_ntop prints it.
        return $"[{new IPAddress(address.GetAddressBytes())}]:{port}";
    }
}

using System.Net.Sockets;

namespace OrleansKv.RespGateway.Transport;

/// <summary>A connection between the listener that accepted it and the loop that will own it, in the form of its backend.</summary>
internal readonly record struct AcceptedSocket(int FileDescriptor, Socket? Socket, string RemoteAddress, string LocalAddress);

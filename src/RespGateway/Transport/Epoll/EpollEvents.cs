using System.Runtime.InteropServices;

namespace OrleansKv.RespGateway.Transport.Epoll;

/// <summary>
/// An array of Linux's struct epoll_event, which is packed to 12 bytes on x86 and padded to 16 everywhere else.
/// </summary>
internal sealed unsafe class EpollEvents : IDisposable
{
    private static readonly bool IsPacked = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int EventBytes = IsPacked ? 12 : 16;
    private static readonly int TokenOffset = IsPacked ? 4 : 8;

    private byte* _events;

    public EpollEvents(int capacity)
    {
        Capacity = capacity;
        _events = (byte*)NativeMemory.AllocZeroed((nuint)capacity, 16);
    }

    public int Capacity { get; }

    public void* Pointer => _events;

    public uint MaskAt(int index) => *(uint*)(_events + (index * EventBytes));

    /// <summary>What was given to <see cref="Control"/> with the descriptor.</summary>
    public int TokenAt(int index) => *(int*)(_events + (index * EventBytes) + TokenOffset);

    /// <summary>epoll_ctl for one descriptor.</summary>
    public static void Control(int epoll, int operation, int fd, uint mask, int token)
    {
        byte* entry = stackalloc byte[16];
        *(uint*)entry = mask;
        *(ulong*)(entry + TokenOffset) = (uint)token;
        if (Libc.EpollControl(epoll, operation, fd, entry) < 0)
            throw Libc.LastError("epoll_ctl");
    }

    public void Dispose()
    {
        NativeMemory.Free(_events);
        _events = null;
    }
}

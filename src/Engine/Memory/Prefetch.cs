using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace OrleansKv.Engine.Memory;

/// <summary>Asks the processor for memory that is about to be used. Any address may be given; a wrong one costs time and nothing else.</summary>
internal static unsafe class Prefetch
{
    private const int LineBytes = 64;

    /// <summary>Fetches the line at an address into all caches. Does nothing where .NET has no instruction for it.</summary>
    public static void Line(void* address)
    {
        if (Sse.IsSupported) Sse.Prefetch0(address);
    }

    /// <summary>Fetches the first bytes of an object without touching it.</summary>
    public static void Object(object target, int bytes)
    {
        // The reference as a number: the collector may move the object meanwhile, and then this was for nothing.
        var address = (byte*)Unsafe.As<object, nint>(ref target);
        for (var at = 0; at < bytes; at += LineBytes) Line(address + at);
    }
}

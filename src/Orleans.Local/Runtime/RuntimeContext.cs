// Stands for Orleans.Runtime.RuntimeContext: which activation the current thread is running a turn of.
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

internal static class RuntimeContext
{
    [ThreadStatic]
    private static IGrainContext? _current;

    public static IGrainContext? Current
    {
        get => _current;
        set => _current = value;
    }
}

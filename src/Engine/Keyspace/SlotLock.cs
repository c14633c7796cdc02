using System.Runtime.CompilerServices;

namespace OrleansKv.Engine.Keyspace;

/// <summary>The lock of a slot: one word, held for microseconds, so that a waiter spins and then yields its core.</summary>
/// <remarks>Not reentrant. Whoever takes several takes them in ascending slot order.</remarks>
public struct SlotLock
{
    private int _held;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Enter()
    {
        if (Interlocked.CompareExchange(ref _held, 1, 0) != 0) EnterSlow();
    }

    /// <summary>Takes the lock where nobody holds it. For one out of order, where waiting could never end.</summary>
    public bool TryEnter() => Interlocked.CompareExchange(ref _held, 1, 0) == 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Exit() => Volatile.Write(ref _held, 0);

    /// <summary>True while somebody holds it. For checks.</summary>
    public readonly bool IsHeld => Volatile.Read(in _held) != 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EnterSlow()
    {
        var spinner = new SpinWait();
        while (Volatile.Read(ref _held) != 0 || Interlocked.CompareExchange(ref _held, 1, 0) != 0) spinner.SpinOnce(sleep1Threshold: 100);
    }
}

using System.Runtime.InteropServices;

namespace OrleansKv.Engine.Protocol;

/// <summary>The arguments of one command, the name first: ranges of a native buffer that somebody else owns.</summary>
/// <remarks>Filled by <see cref="CommandReader"/>; valid until the buffer behind it is consumed. A copy made by <see cref="Own"/> keeps
/// its bytes, for commands that wait (MULTI, blocking).</remarks>
public sealed unsafe class ArgumentList
{
    private byte* _base;
    private Range[] _ranges;
    private byte[]? _owned;

    public ArgumentList()
        : this(8)
    {
    }

    private ArgumentList(int capacity) => _ranges = new Range[capacity];

    private readonly record struct Range(int Offset, int Length);

    /// <summary>Arguments, with the command's name.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of argument <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            if ((uint)index >= (uint)Count) ThrowNoSuchArgument();
            ref var range = ref _ranges[index];
            return new ReadOnlySpan<byte>(_base + range.Offset, range.Length);
        }
    }

    /// <summary>Bytes of all arguments together.</summary>
    public long TotalBytes
    {
        get
        {
            long sum = 0;
            for (var i = 0; i < Count; i++) sum += _ranges[i].Length;
            return sum;
        }
    }

    /// <summary>Starts anew over the buffer at <paramref name="start"/>.</summary>
    public void Reset(byte* start)
    {
        _base = start;
        Count = 0;
        _owned = null;
    }

    /// <summary>Has the arguments so far lie at the same distances from another start: the buffer has moved.</summary>
    internal void Rebase(byte* start) => _base = start;

    /// <summary>Moves the arguments so far against the start: what was before them is gone.</summary>
    internal void Shift(int offset)
    {
        if (offset == 0) return;
        foreach (ref var range in _ranges.AsSpan(0, Count)) range = range with { Offset = range.Offset + offset };
    }

    public void Add(int offset, int length)
    {
        if (Count == _ranges.Length) Array.Resize(ref _ranges, Count * 2);
        _ranges[Count++] = new Range(offset, length);
    }

    /// <summary>A copy with its own bytes.</summary>
    public ArgumentList Own() => Own(GC.AllocateUninitializedArray<byte>(Math.Max(1, (int)TotalBytes), pinned: true), 0);

    /// <summary>A copy with its bytes in an array that may hold those of others, too.</summary>
    /// <param name="bytes">Allocated as pinned.</param>
    /// <param name="at">Where there is room for <see cref="TotalBytes"/>.</param>
    public ArgumentList Own(byte[] bytes, int at)
    {
        var copy = new ArgumentList(Math.Max(1, Count)) { _owned = bytes, _base = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0) };
        for (var i = 0; i < Count; i++)
        {
            this[i].CopyTo(bytes.AsSpan(at));
            copy.Add(at, _ranges[i].Length);
            at += _ranges[i].Length;
        }

        return copy;
    }

    /// <summary>A list of its own from arrays, for callers inside the process.</summary>
    public static ArgumentList Of(params ReadOnlySpan<byte[]> arguments)
    {
        var total = 0;
        foreach (var argument in arguments) total += argument.Length;
        var bytes = GC.AllocateUninitializedArray<byte>(Math.Max(1, total), pinned: true);
        var list = new ArgumentList { _owned = bytes, _base = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(bytes, 0) };
        var at = 0;
        foreach (var argument in arguments)
        {
            argument.CopyTo(bytes, at);
            list.Add(at, argument.Length);
            at += argument.Length;
        }

        return list;
    }

    /// <summary>Becomes what <paramref name="other"/> is, with its bytes.</summary>
    internal void TakeFrom(ArgumentList other)
    {
        _base = other._base;
        _ranges = other._ranges;
        _owned = other._owned;
        Count = other.Count;
    }

    /// <summary>Gives the room for many arguments back after a rare big command.</summary>
    public void Trim()
    {
        if (_ranges.Length > 1024) _ranges = new Range[8];
        Count = 0;
    }

    private static void ThrowNoSuchArgument() => throw new InvalidOperationException("A handler read past its arguments.");
}

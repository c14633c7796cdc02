using OrleansKv.Engine.Types;

namespace OrleansKv.Engine.Keyspace;

/// <summary>The collections of a slot: native entries name them by index here.</summary>
internal struct ObjectTable
{
    private Collection?[]? _objects;
    private int[]? _free;
    private int _freeCount;
    private int _end;

    public readonly int Count => _end - _freeCount;

    public readonly Collection this[int index] => _objects![index]!;

    /// <summary>Stores a collection and gives its index.</summary>
    public int Add(Collection value)
    {
        int index;
        if (_freeCount > 0)
        {
            index = _free![--_freeCount];
        }
        else
        {
            if (_objects == null || _end == _objects.Length) Array.Resize(ref _objects, Math.Max(4, _end + (_end >> 1)));
            index = _end++;
        }

        _objects![index] = value;
        return index;
    }

    /// <summary>Takes a collection out.</summary>
    public Collection Remove(int index)
    {
        var value = _objects![index]!;
        _objects[index] = null;
        if (--_end == index) return value;
        _end++;
        if (_free == null || _freeCount == _free.Length) Array.Resize(ref _free, Math.Max(4, _freeCount * 2));
        _free[_freeCount++] = index;
        return value;
    }

    public void Clear() => this = default;
}

using System.Diagnostics;
using OrleansKv.Engine.Memory;

namespace OrleansKv.Engine.Types;

/// <summary>
/// The members of a big sorted set in the order of (score, member): a B+ tree of native pages whose inner pages count what is below
/// them, so that a rank is found, and found by, in logarithmic time. It stands where Redis has its skip list.
/// </summary>
/// <remarks>
/// A leaf holds scores and node addresses side by side in two arrays: a search runs over scores within a few cache lines and touches a node only
/// among equal scores. An entry costs 16 bytes, about 23 with the room that random insertion leaves, and nothing for levels above but a few percent.
/// <para>An inner page has for each child a separator, the child's least entry; that of its first child is not used. A separator names
/// a node, so it is replaced when its node goes. Leaves are never empty; pages that have become sparse are merged with a
/// neighbour where both fit in three quarters of one, otherwise left alone, so inner pages may have a single child. Appending in order
/// fills pages completely.</para>
/// <para>The tree owns its pages, not the nodes. One thread at a time, under the slot lock.</para>
/// </remarks>
internal sealed unsafe partial class ScoreTree
{
    // A full inner page at every level would take 36 to the power of the height; half that is beyond memory.
    private const int MaxHeight = 20;

    private void* _root;
    private int _height;
    private Leaf* _first;
    private Leaf* _last;
    private byte _pageClass;

    /// <summary>Entries.</summary>
    public long Count { get; private set; }

    /// <summary>Native pages.</summary>
    public long PageCount { get; private set; }

    /// <summary>Native bytes of the pages.</summary>
    public long PageBytesInUse => PageCount * PageBytes;

    /// <summary>Entries that lie before the cut.</summary>
    public long CountBefore<TCut>(TCut cut) where TCut : ICut, allows ref struct
    {
        if (_root == null) return 0;
        long before = 0;
        var page = _root;
        for (var level = _height; level > 0; level--)
        {
            var inner = (Inner*)page;
            var child = ChildFor(inner, cut);
            for (var i = 0; i < child; i++) before += inner->Counts[i];
            page = inner->ChildAt(child);
        }

        return before + IndexFor((Leaf*)page, cut);
    }

    /// <summary>Where the entry of this rank (from 0) is; it exists.</summary>
    public TreePosition At(long rank)
    {
        Debug.Assert(rank >= 0 && rank < Count);
        if (rank == 0) return new TreePosition(_first, 0);
        if (rank == Count - 1) return new TreePosition(_last, _last->Count - 1);
        var page = _root;
        for (var level = _height; level > 0; level--)
        {
            var inner = (Inner*)page;
            var child = 0;
            while (rank >= inner->Counts[child]) rank -= inner->Counts[child++];
            page = inner->ChildAt(child);
        }

        return new TreePosition((Leaf*)page, (int)rank);
    }

    /// <summary>Gives all pages back. The nodes are the caller's.</summary>
    public void Free()
    {
        if (_root != null) FreePages(_root, _height);
        _root = null;
        _first = _last = null;
        _height = 0;
        Count = 0;
    }

    // Entries of the leaf that lie before the cut.
    private static int IndexFor<TCut>(Leaf* leaf, TCut cut) where TCut : ICut, allows ref struct
    {
        var low = 0;
        var high = leaf->Count;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (cut.IsBefore(leaf->Scores[middle], leaf->NodeAt(middle))) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    // The child that the cut falls into: the last one whose separator lies before the cut, else the first.
    private static int ChildFor<TCut>(Inner* inner, TCut cut) where TCut : ICut, allows ref struct
    {
        var low = 1;
        var high = inner->Count;
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (cut.IsBefore(inner->Scores[middle], inner->NodeAt(middle))) low = middle + 1;
            else high = middle;
        }

        return low - 1;
    }

    // The leaf that the cut falls into, and in path the way to it, root first.
    private Leaf* Descend<TCut>(TCut cut, Span<Step> path) where TCut : ICut, allows ref struct
    {
        var page = _root;
        for (var depth = 0; depth < _height; depth++)
        {
            var inner = (Inner*)page;
            var child = ChildFor(inner, cut);
            path[depth] = new Step(inner, child);
            page = inner->ChildAt(child);
        }

        return (Leaf*)page;
    }

    private void FreePages(void* page, int level)
    {
        if (level > 0)
        {
            var inner = (Inner*)page;
            for (var i = 0; i < inner->Count; i++) FreePages(inner->ChildAt(i), level - 1);
        }

        FreePage(page);
    }

    private void* AllocatePage()
    {
        PageCount++;
        return SlabHeap.Allocate(PageBytes, out _pageClass);
    }

    private void FreePage(void* page)
    {
        PageCount--;
        SlabHeap.Free((byte*)page, _pageClass);
    }

    /// <summary>An inner page on the way to a leaf, and which of its children leads there.</summary>
    private readonly struct Step(Inner* page, int child)
    {
        public readonly Inner* Page = page;
        public readonly int Child = child;
    }
}

/// <summary>A place in a <see cref="ScoreTree"/>; it is gone when the tree changes.</summary>
internal unsafe struct TreePosition
{
    private ScoreTree.Leaf* _leaf;
    private int _index;

    public TreePosition(ScoreTree.Leaf* leaf, int index)
    {
        _leaf = leaf;
        _index = index;
    }

    public readonly double Score => _leaf->Scores[_index];

    public readonly byte* Node => _leaf->NodeAt(_index);

    /// <summary>Moves to the next entry. Behind the last one the place must not be used.</summary>
    public void Next()
    {
        if (++_index < _leaf->Count) return;
        _leaf = _leaf->Next;
        _index = 0;
    }

    /// <summary>Moves to the entry before. Before the first one the place must not be used.</summary>
    public void Previous()
    {
        if (--_index >= 0) return;
        _leaf = _leaf->Previous;
        if (_leaf != null) _index = _leaf->Count - 1;
    }
}

using System.Runtime.InteropServices;

namespace OrleansKv.Engine.Types;

internal sealed unsafe partial class ScoreTree
{
    /// <summary>Size of every page: a size class of the slab heap, so that nothing is lost to rounding.</summary>
    public const int PageBytes = 1024;

    private const int LeafCapacity = 62;
    private const int InnerCapacity = 36;

    /// <summary>A page of entries in order, linked to its neighbours.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Leaf
    {
        public Leaf* Next;
        public Leaf* Previous;
        public int Count;
        private readonly int _unused;
        private readonly long _unused1;
        public fixed double Scores[LeafCapacity];
        private fixed ulong _nodes[LeafCapacity];

        public readonly byte* NodeAt(int index) => (byte*)_nodes[index];

        public void Set(int index, double score, byte* node)
        {
            Scores[index] = score;
            _nodes[index] = (ulong)node;
        }

        /// <summary>Makes room for an entry at <paramref name="index"/>.</summary>
        public void Open(int index)
        {
            fixed (double* scores = Scores)
            fixed (ulong* nodes = _nodes)
            {
                var moved = Count - index;
                new Span<double>(scores + index, moved).CopyTo(new Span<double>(scores + index + 1, moved));
                new Span<ulong>(nodes + index, moved).CopyTo(new Span<ulong>(nodes + index + 1, moved));
            }

            Count++;
        }

        public void Close(int index)
        {
            Count--;
            fixed (double* scores = Scores)
            fixed (ulong* nodes = _nodes)
            {
                var moved = Count - index;
                new Span<double>(scores + index + 1, moved).CopyTo(new Span<double>(scores + index, moved));
                new Span<ulong>(nodes + index + 1, moved).CopyTo(new Span<ulong>(nodes + index, moved));
            }
        }

        /// <summary>Moves the entries from <paramref name="from"/> on to the end of another leaf.</summary>
        public void MoveTail(int from, Leaf* to)
        {
            for (var i = from; i < Count; i++) to->Set(to->Count++, Scores[i], NodeAt(i));
            Count = from;
        }
    }

    /// <summary>A page of children in order, each with its separator and the number of entries below it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Inner
    {
        public int Count;
        private readonly int _unused;
        private readonly long _unused1;
        public fixed double Scores[InnerCapacity];
        private fixed ulong _nodes[InnerCapacity];
        private fixed ulong _children[InnerCapacity];
        public fixed uint Counts[InnerCapacity];

        public readonly byte* NodeAt(int index) => (byte*)_nodes[index];

        public readonly void* ChildAt(int index) => (void*)_children[index];

        public readonly long Total
        {
            get
            {
                long sum = 0;
                for (var i = 0; i < Count; i++) sum += Counts[i];
                return sum;
            }
        }

        public void SetSeparator(int index, double score, byte* node)
        {
            Scores[index] = score;
            _nodes[index] = (ulong)node;
        }

        public void Insert(int index, in Child child)
        {
            for (var i = Count; i > index; i--) Copy(ref this, i - 1, i);
            Count++;
            Set(index, child);
        }

        public void Remove(int index)
        {
            Count--;
            for (var i = index; i < Count; i++) Copy(ref this, i + 1, i);
        }

        public void MoveTail(int from, Inner* to)
        {
            for (var i = from; i < Count; i++)
                to->Set(to->Count++, new Child(ChildAt(i), Counts[i], Scores[i], NodeAt(i)));
            Count = from;
        }

        private void Set(int index, in Child child)
        {
            SetSeparator(index, child.Score, child.Node);
            _children[index] = (ulong)child.Page;
            Counts[index] = child.Count;
        }

        private static void Copy(ref Inner page, int from, int to)
        {
            page.Scores[to] = page.Scores[from];
            page._nodes[to] = page._nodes[from];
            page._children[to] = page._children[from];
            page.Counts[to] = page.Counts[from];
        }
    }

    /// <summary>A child of an inner page: the page, the entries below it and its least entry.</summary>
    internal readonly struct Child(void* page, uint count, double score, byte* node)
    {
        public readonly void* Page = page;
        public readonly uint Count = count;
        public readonly double Score = score;
        public readonly byte* Node = node;
    }
}

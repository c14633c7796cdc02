using System.Diagnostics;

namespace OrleansKv.Engine.Types;

internal sealed unsafe partial class ScoreTree
{
    /// <summary>Adds a node that is not in the tree.</summary>
    public void Insert(double score, byte* node)
    {
        if (_root == null)
        {
            _first = _last = NewLeaf();
            _root = _first;
        }

        Span<Step> path = stackalloc Step[MaxHeight];
        var cut = new NodeCut(score, node);
        var leaf = Descend(cut, path);
        for (var depth = 0; depth < _height; depth++) path[depth].Page->Counts[path[depth].Child]++;
        Count++;
        var index = IndexFor(leaf, cut);
        if (leaf->Count == LeafCapacity)
        {
            InsertAndSplit(leaf, index, score, node, path);
            return;
        }

        leaf->Open(index);
        leaf->Set(index, score, node);
    }

    /// <summary>Takes a node out, which is in the tree with this score.</summary>
    public void Remove(double score, byte* node)
    {
        Span<Step> path = stackalloc Step[MaxHeight];
        var cut = new NodeCut(score, node);
        var leaf = Descend(cut, path);
        var index = IndexFor(leaf, cut) - 1;
        Debug.Assert(index >= 0 && leaf->NodeAt(index) == node);
        for (var depth = 0; depth < _height; depth++) path[depth].Page->Counts[path[depth].Child]--;
        Count--;
        leaf->Close(index);
        if (index == 0) ReplaceSeparator(leaf, path);
        if (leaf->Count < LeafCapacity / 4) Shrink(leaf, path);
    }

    /// <summary>Gives a node, which is in the tree with the score <paramref name="old"/>, another score.</summary>
    public void Move(byte* node, double old, double score)
    {
        Span<Step> path = stackalloc Step[MaxHeight];
        var cut = new NodeCut(old, node);
        var leaf = Descend(cut, path);
        var index = IndexFor(leaf, cut) - 1;
        Debug.Assert(index >= 0 && leaf->NodeAt(index) == node);
        if (StaysBetween(leaf, index, score, node))
        {
            leaf->Scores[index] = score;
            return;
        }

        Remove(old, node);
        Insert(score, node);
    }

    // Whether the node at index keeps its place with another score; where its neighbours are in other leaves, false is said to be safe.
    private static bool StaysBetween(Leaf* leaf, int index, double score, byte* node)
    {
        if (index == 0) return false;
        var cut = new NodeCut(score, node);
        if (!cut.IsBefore(leaf->Scores[index - 1], leaf->NodeAt(index - 1))) return false;
        if (index == leaf->Count - 1) return leaf->Next == null;
        return !cut.IsBefore(leaf->Scores[index + 1], leaf->NodeAt(index + 1));
    }

    private Leaf* NewLeaf()
    {
        var leaf = (Leaf*)AllocatePage();
        leaf->Next = leaf->Previous = null;
        leaf->Count = 0;
        return leaf;
    }

    private void InsertAndSplit(Leaf* leaf, int index, double score, byte* node, Span<Step> path)
    {
        var right = NewLeaf();
        right->Previous = leaf;
        right->Next = leaf->Next;
        if (leaf->Next != null) leaf->Next->Previous = right;
        else _last = right;

        // What is appended at the very end goes to a page of its own, so that ascending insertion leaves full pages behind.
        var isAppend = right->Next == null && index == LeafCapacity;
        leaf->Next = right;
        leaf->MoveTail(isAppend ? LeafCapacity : LeafCapacity / 2, right);
        var target = leaf;
        if (index > leaf->Count || isAppend)
        {
            target = right;
            index -= leaf->Count;
        }

        target->Open(index);
        target->Set(index, score, node);
        AddSibling(path, _height - 1, new Child(right, (uint)right->Count, right->Scores[0], right->NodeAt(0)), leaf, (uint)leaf->Count);
    }

    // Puts a new page behind the page that was split, in the inner page at this depth; -1 is above the root.
    private void AddSibling(Span<Step> path, int depth, Child sibling, void* split, uint leftCount)
    {
        while (true)
        {
            if (depth < 0)
            {
                var root = (Inner*)AllocatePage();
                root->Count = 0;
                root->Insert(0, new Child(split, leftCount, 0, null));
                root->Insert(1, sibling);
                _root = root;
                _height++;
                return;
            }

            var inner = path[depth].Page;
            var at = path[depth].Child + 1;
            inner->Counts[at - 1] = leftCount;
            if (inner->Count < InnerCapacity)
            {
                inner->Insert(at, sibling);
                return;
            }

            var right = (Inner*)AllocatePage();
            right->Count = 0;
            inner->MoveTail(at == InnerCapacity ? InnerCapacity : InnerCapacity / 2, right);
            if (at > inner->Count || at == InnerCapacity) right->Insert(at - inner->Count, sibling);
            else inner->Insert(at, sibling);
            sibling = new Child(right, (uint)right->Total, right->Scores[0], right->NodeAt(0));
            split = inner;
            leftCount = (uint)inner->Total;
            depth--;
        }
    }

    // The least entry of the leaf has gone: the separator that named it names the entry that followed it. Where that is not below the
    // same separator, nothing is any more, and the separator goes with its page.
    private void ReplaceSeparator(Leaf* leaf, Span<Step> path)
    {
        var next = leaf->Count > 0 ? leaf : leaf->Next;
        if (next == null) return;
        for (var depth = _height - 1; depth >= 0; depth--)
        {
            if (path[depth].Child == 0) continue;
            path[depth].Page->SetSeparator(path[depth].Child, next->Scores[0], next->NodeAt(0));
            return;
        }
    }

    private void Shrink(Leaf* leaf, Span<Step> path)
    {
        if (_height == 0)
        {
            if (leaf->Count == 0) Free();
            return;
        }

        var parent = path[_height - 1].Page;
        var child = path[_height - 1].Child;
        if (child + 1 < parent->Count && Fits(leaf->Count, ((Leaf*)parent->ChildAt(child + 1))->Count, LeafCapacity))
            MergeLeaves(parent, child);
        else if (child > 0 && Fits(leaf->Count, ((Leaf*)parent->ChildAt(child - 1))->Count, LeafCapacity))
            MergeLeaves(parent, child - 1);
        else if (leaf->Count == 0)
            DropLeaf(parent, child, leaf);
        else
            return;

        ShrinkInner(path);
    }

    private static bool Fits(int left, int right, int capacity) => (left + right) * 4 <= capacity * 3;

    private void MergeLeaves(Inner* parent, int left)
    {
        var leaf = (Leaf*)parent->ChildAt(left);
        var right = (Leaf*)parent->ChildAt(left + 1);
        right->MoveTail(0, leaf);
        parent->Counts[left] += parent->Counts[left + 1];
        DropLeaf(parent, left + 1, right);
    }

    private void DropLeaf(Inner* parent, int child, Leaf* leaf)
    {
        parent->Remove(child);
        if (leaf->Previous != null) leaf->Previous->Next = leaf->Next;
        else _first = leaf->Next;
        if (leaf->Next != null) leaf->Next->Previous = leaf->Previous;
        else _last = leaf->Previous;
        FreePage(leaf);
    }

    // A child of the lowest inner page on the path has gone: merges inner pages from there upwards as long as they are sparse.
    private void ShrinkInner(Span<Step> path)
    {
        for (var depth = _height - 1; depth > 0; depth--)
        {
            var inner = path[depth].Page;
            if (inner->Count >= InnerCapacity / 4) return;
            var parent = path[depth - 1].Page;
            var child = path[depth - 1].Child;
            if (child + 1 < parent->Count && Fits(inner->Count, ((Inner*)parent->ChildAt(child + 1))->Count, InnerCapacity))
                MergeInner(parent, child);
            else if (child > 0 && Fits(inner->Count, ((Inner*)parent->ChildAt(child - 1))->Count, InnerCapacity))
                MergeInner(parent, child - 1);
            else if (inner->Count == 0)
                DropInner(parent, child, inner);
            else
                return;
        }

        CollapseRoot();
    }

    private void MergeInner(Inner* parent, int left)
    {
        var page = (Inner*)parent->ChildAt(left);
        var right = (Inner*)parent->ChildAt(left + 1);
        if (right->Count > 0) right->SetSeparator(0, parent->Scores[left + 1], parent->NodeAt(left + 1));
        right->MoveTail(0, page);
        parent->Counts[left] += parent->Counts[left + 1];
        DropInner(parent, left + 1, right);
    }

    private void DropInner(Inner* parent, int child, Inner* page)
    {
        parent->Remove(child);
        FreePage(page);
    }

    private void CollapseRoot()
    {
        while (_height > 0 && ((Inner*)_root)->Count == 1)
        {
            var root = (Inner*)_root;
            _root = root->ChildAt(0);
            _height--;
            FreePage(root);
        }

        if (_height > 0 && ((Inner*)_root)->Count == 0) Free();
    }
}

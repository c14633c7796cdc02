namespace OrleansKv.Engine.Journaling;

/// <summary>The copies of a slot that are being made, which are told what changes meanwhile. Under the slot lock.</summary>
internal sealed class SlotCopies
{
    private readonly List<SlotCopy> _copies = [];

    public bool IsEmpty => _copies.Count == 0;

    public bool Contains(SlotCopy copy) => _copies.Contains(copy);

    public void Add(SlotCopy copy) => _copies.Add(copy);

    public void Remove(SlotCopy copy) => _copies.Remove(copy);

    /// <summary>A key was changed or removed.</summary>
    public void Touch(int database, ReadOnlySpan<byte> key)
    {
        foreach (var copy in _copies) copy.Touch(database, key);
    }

    /// <summary>Whole databases were emptied or exchanged.</summary>
    public void Restart()
    {
        foreach (var copy in _copies) copy.Restart();
    }
}

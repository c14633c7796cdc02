using OrleansKv.Engine.Configuration;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Types;

/// <summary>A walk over those members of one set that are in all of some other sets (intersection), or in none (difference).</summary>
internal ref struct SetFilter
{
    private readonly ReadOnlySpan<SetValue> _others;
    private readonly bool _inOthers;
    private readonly SetValue _first;
    private SetValue.SetMembers _members;

    private SetFilter(ReadOnlySpan<SetValue> sets, bool inOthers, Span<byte> scratch)
    {
        _first = sets[0];
        _members = _first.Members(scratch);
        _others = sets[1..];
        _inOthers = inOthers;
    }

    /// <summary>The member, valid until the next step.</summary>
    public readonly ReadOnlySpan<byte> Current => _members.Current;

    /// <summary>Whether the member is the text of an integer.</summary>
    public readonly bool IsInteger => _members.IsInteger || NumberText.TryParseInteger(_members.Current, out _);

    /// <summary>Walks the members that all sets have. The first set is walked, so it is best the smallest.</summary>
    /// <param name="sets">At least one set.</param>
    /// <param name="scratch">Room for <see cref="SetValue.ScratchBytes"/>.</param>
    public static SetFilter Intersection(ReadOnlySpan<SetValue> sets, Span<byte> scratch) => new(sets, inOthers: true, scratch);

    /// <summary>Walks the members that the first set alone has.</summary>
    /// <param name="sets">At least one set; the first is not among the others.</param>
    /// <param name="scratch">Room for <see cref="SetValue.ScratchBytes"/>.</param>
    public static SetFilter Difference(ReadOnlySpan<SetValue> sets, Span<byte> scratch) => new(sets, inOthers: false, scratch);

    /// <summary>Adds the member to another set.</summary>
    public readonly void AddTo(SetValue set, ServerConfig limits) => set.Add(_members, limits);

    public bool MoveNext()
    {
        while (_members.MoveNext())
            if (Passes()) return true;
        return false;
    }

    // The same set among the others is passed over: looking something up in it could move what is being walked.
    private readonly bool Passes()
    {
        foreach (var other in _others)
            if (other != _first && other.Contains(_members) != _inOthers) return false;
        return true;
    }
}

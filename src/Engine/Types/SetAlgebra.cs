using OrleansKv.Engine.Configuration;

namespace OrleansKv.Engine.Types;

/// <summary>Intersection, union and difference of sets. A null among them is an empty set; a result is the caller's.</summary>
/// <remarks>Results take the encodings that Redis 7.2 gives them.</remarks>
internal static class SetAlgebra
{
    /// <summary>The sets from the smallest to the largest, or null where one is empty, and so their intersection.</summary>
    public static SetValue[]? BySize(SetValue?[] sets)
    {
        var sorted = new SetValue[sets.Length];
        for (var i = 0; i < sets.Length; i++)
        {
            if (sets[i] is not { } set) return null;
            sorted[i] = set;
        }

        Array.Sort(sorted, static (left, right) => left.Count.CompareTo(right.Count));
        return sorted;
    }

    /// <summary>How many members all sets have, counted up to <paramref name="limit"/>.</summary>
    public static long CountIntersection(SetValue?[] sets, long limit)
    {
        if (BySize(sets) is not { } sorted) return 0;
        Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
        var members = SetFilter.Intersection(sorted, scratch);
        long count = 0;
        while (count < limit && members.MoveNext()) count++;
        return count;
    }

    /// <summary>The members that all sets have.</summary>
    public static SetValue Intersect(SetValue[] bySize, ServerConfig limits)
    {
        var result = bySize[0].IsIntSet ? SetValue.CreateIntSet() : SetValue.CreateListPack();
        Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
        var onlyIntegers = true;
        for (var members = SetFilter.Intersection(bySize, scratch); members.MoveNext();)
        {
            onlyIntegers = onlyIntegers && members.IsInteger;
            members.AddTo(result, limits);
        }

        if (onlyIntegers) result.CompactIntegers(limits);
        return result;
    }

    /// <summary>The members that any set has.</summary>
    public static SetValue Unite(SetValue?[] sets, ServerConfig limits)
    {
        var result = SetValue.CreateIntSet();
        foreach (var set in sets) AddAll(set, result, limits);
        return result;
    }

    /// <summary>The members that the first set has and no other.</summary>
    public static SetValue Subtract(SetValue?[] sets, ServerConfig limits)
    {
        var result = SetValue.CreateIntSet();
        if (sets[0] is not { } first || Array.IndexOf(sets, first, 1) > 0) return result;
        var others = sets.Skip(1).OfType<SetValue>().ToArray();
        if (IsFilterCheaper(first, others)) SubtractByFilter(first, others, result, limits);
        else SubtractByRemoval(first, others, result, limits);
        return result;
    }

    // Looking every member of the first set up in all others, against adding it and removing all members of the others. The former does
    // less work where members are found soon, so it is preferred up to twice the estimate.
    private static bool IsFilterCheaper(SetValue first, SetValue[] others)
    {
        var removals = first.Count;
        foreach (var other in others) removals += other.Count;
        return first.Count * (others.Length + 1L) / 2 <= removals;
    }

    private static void SubtractByFilter(SetValue first, SetValue[] others, SetValue result, ServerConfig limits)
    {
        // The largest first: most likely to have a member, which ends the search for it.
        Array.Sort(others, static (left, right) => right.Count.CompareTo(left.Count));
        Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
        for (var members = SetFilter.Difference([first, .. others], scratch); members.MoveNext();) members.AddTo(result, limits);
    }

    private static void SubtractByRemoval(SetValue first, SetValue[] others, SetValue result, ServerConfig limits)
    {
        AddAll(first, result, limits);
        Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
        foreach (var other in others)
        {
            if (result.Count == 0) return;
            for (var members = other.Members(scratch); members.MoveNext();) result.Remove(members);
        }
    }

    private static void AddAll(SetValue? set, SetValue result, ServerConfig limits)
    {
        if (set == null) return;
        Span<byte> scratch = stackalloc byte[SetValue.ScratchBytes];
        for (var members = set.Members(scratch); members.MoveNext();) result.Add(members, limits);
    }
}

using System.Globalization;
using OrleansKv.Engine.Protocol;

namespace OrleansKv.Engine.Types;

/// <summary>A small sorted set: one listpack of member, score, member, score …, in order, as Redis keeps and dumps it.</summary>
/// <remarks>A score is an integer where it is a whole number, else the shortest text that Redis prints. Everything is linear, which is
/// why such a set stays small. Positions are those of members.</remarks>
internal struct SortedSetPack
{
    private ListPack _pack;

    public static SortedSetPack Create() => new() { _pack = ListPack.Create() };

    public readonly ListPack Pack => _pack;

    public readonly int Count => _pack.Count / 2;

    public readonly bool CanAdd(int bytes) => _pack.CanAdd(bytes + DoubleFormat.MaxBytes);

    public readonly SortedSetPack Clone() => new() { _pack = _pack.Clone() };

    public void Free() => _pack.Free();

    /// <summary>Where the member is; 0 where it is not.</summary>
    public readonly int Find(scoped ReadOnlySpan<byte> member) => _pack.Find(member, _pack.First, 1);

    public readonly double ScoreAt(int member) => ReadScore(_pack, _pack.Next(member));

    /// <summary>The score that an entry of a listpack holds.</summary>
    public static double ReadScore(in ListPack pack, int pos)
    {
        if (pack.TryGetInteger(pos, out var whole)) return whole;
        return NumberText.TryParseDouble(pack.Get(pos, default), out var score) ? score : 0;
    }

    /// <summary>Adds a member that is not there.</summary>
    public void Insert(scoped ReadOnlySpan<byte> member, double score)
    {
        Span<byte> text = stackalloc byte[DoubleFormat.MaxBytes];
        text = text[..Format(score, text)];
        var pos = Seek(new MemberCut(score, member), out _);
        if (pos == 0)
        {
            _pack.Append(member);
            _pack.Append(text);
            return;
        }

        _pack.InsertBefore(pos, text);
        _pack.InsertBefore(pos, member);
    }

    /// <summary>Adds a member that belongs behind all others.</summary>
    public void Append(scoped ReadOnlySpan<byte> member, double score)
    {
        Span<byte> text = stackalloc byte[DoubleFormat.MaxBytes];
        _pack.Append(member);
        _pack.Append(text[..Format(score, text)]);
    }

    /// <summary>Gives the member at <paramref name="pos"/>, which is <paramref name="member"/>, another score.</summary>
    public void SetScore(int pos, scoped ReadOnlySpan<byte> member, double score)
    {
        Delete(pos);
        Insert(member, score);
    }

    public void Delete(int pos) => _pack.Delete(pos, 2);

    public void DeleteRange(RankRange range) => _pack.DeleteRange(range.Start * 2, range.Count * 2);

    /// <summary>Members before the one at <paramref name="pos"/>.</summary>
    public readonly long RankAt(int pos)
    {
        long rank = 0;
        for (var at = _pack.First; at != pos; at = _pack.Next(_pack.Next(at))) rank++;
        return rank;
    }

    /// <summary>Members that lie before the cut.</summary>
    public readonly long CountBefore<TCut>(TCut cut) where TCut : ICut, allows ref struct
    {
        Seek(cut, out var before);
        return before;
    }

    // A whole number that fits in half of 64 bits is an integer, and so -0 becomes 0, as in Redis.
    private static int Format(double score, Span<byte> text)
    {
        if (!(Math.Abs(score) < long.MaxValue / 2) || score != (long)score) return DoubleFormat.Format(score, text);
        ((long)score).TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        return length;
    }

    // The first member that does not lie before the cut, 0 where all do, and how many do.
    private readonly int Seek<TCut>(TCut cut, out long before) where TCut : ICut, allows ref struct
    {
        Span<byte> scratch = stackalloc byte[ListPack.ScratchBytes];
        before = 0;
        var pos = _pack.First;
        while (pos != 0)
        {
            var score = _pack.Next(pos);
            if (!cut.IsBefore(ReadScore(_pack, score), _pack.Get(pos, scratch))) break;
            pos = _pack.Next(score);
            before++;
        }

        return pos;
    }
}

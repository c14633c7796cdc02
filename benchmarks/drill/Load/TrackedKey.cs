using System.Globalization;
using OrleansKv.Drill.Client;

namespace OrleansKv.Drill.Load;

/// <summary>
/// A key that one writer owns and writes once at a time: write 1, write 2 … The first write whose outcome is unknown is its last, since that
/// write may still take effect at any time; so what must be found there is the acknowledged number, or at most one more. Used by its
/// writer's thread, and by the verifier while the writers stand still.
/// </summary>
internal abstract class TrackedKey(string name)
{
    public string Name { get; } = name;

    public int Slot { get; } = HashSlot.Of(name);

    /// <summary>The number of the last acknowledged write.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>The outcome of the write after the acknowledged ones is unknown.</summary>
    public bool IsUncertain { get; private set; }

    /// <summary>Something was found wrong and counted; the key is not written again and not looked at again.</summary>
    public bool IsJudged { get; private set; }

    /// <summary>No more writes: another key takes its place.</summary>
    public bool IsRetired => IsUncertain || IsJudged || Acknowledged >= MaxWrites;

    public abstract string[] WriteCommand { get; }

    public abstract string[] ReadCommand { get; }

    protected virtual long MaxWrites => long.MaxValue;

    protected long Next => Acknowledged + 1;

    public void MarkUncertain() => IsUncertain = true;

    /// <summary>Takes the reply to a write, and finds what is wrong with it.</summary>
    public Findings Acknowledge(Reply reply)
    {
        Findings findings = JudgeAcknowledgement(reply);
        Acknowledged++;
        IsJudged = findings.AnyWrong;
        return findings;
    }

    /// <summary>Takes the reply to a read that followed the last acknowledged write.</summary>
    public Findings Verify(Reply reply)
    {
        if (IsJudged)
            return default;
        Findings findings = JudgeContent(reply);
        IsJudged = findings.AnyWrong;
        return findings;
    }

    protected abstract Findings JudgeAcknowledgement(Reply reply);

    protected abstract Findings JudgeContent(Reply reply);

    /// <summary>Compares a found number of writes with the acknowledged one.</summary>
    protected Findings Compare(long found)
    {
        long most = IsUncertain ? Acknowledged + 1 : Acknowledged;
        return found < Acknowledged ? new Findings(Lost: Acknowledged - found) : new Findings(NeverWritten: Math.Max(0, found - most));
    }
}

/// <summary>SET: the value names the key, so its writer, and the number of the write.</summary>
internal sealed class ValueKey(string name) : TrackedKey(name)
{
    public override string[] WriteCommand => ["SET", Name, $"{Name}:{Next}"];

    public override string[] ReadCommand => ["GET", Name];

    protected override Findings JudgeAcknowledgement(Reply reply) => new(NeverWritten: reply is { Type: '+', Text: "OK" } ? 0 : 1);

    protected override Findings JudgeContent(Reply reply)
    {
        if (reply.Text is not { } text)
            return Compare(0);
        bool isOurs = text.StartsWith(Name + ":", StringComparison.Ordinal);
        return isOurs && long.TryParse(text.AsSpan(Name.Length + 1), CultureInfo.InvariantCulture, out long number) && number > 0
            ? Compare(number)
            : new Findings(NeverWritten: 1);
    }
}

/// <summary>INCR: every reply must be one more than the one before.</summary>
internal sealed class CounterKey(string name) : TrackedKey(name)
{
    public override string[] WriteCommand => ["INCR", Name];

    public override string[] ReadCommand => ["GET", Name];

    protected override Findings JudgeAcknowledgement(Reply reply)
    {
        long before = reply.Integer - 1;
        return before < Acknowledged
            ? new Findings(Lost: Acknowledged - before, WentBack: 1)
            : new Findings(NeverWritten: before - Acknowledged);
    }

    protected override Findings JudgeContent(Reply reply)
    {
        long number = 0;
        bool isNumber = reply.Text is null || long.TryParse(reply.Text, CultureInfo.InvariantCulture, out number);
        return isNumber ? Compare(number) : new Findings(NeverWritten: 1);
    }
}

/// <summary>RPUSH of the write's number: the list must be 1, 2, 3 … A full list is followed by another one.</summary>
internal sealed class ListKey(string name) : TrackedKey(name)
{
    private const int MaxElements = 200;

    public override string[] WriteCommand => ["RPUSH", Name, $"{Next}"];

    public override string[] ReadCommand => ["LRANGE", Name, "0", "-1"];

    protected override long MaxWrites => MaxElements;

    protected override Findings JudgeAcknowledgement(Reply reply)
    {
        long before = reply.Integer - 1;
        return before < Acknowledged
            ? new Findings(Lost: Acknowledged - before, WentBack: 1)
            : new Findings(NeverWritten: before - Acknowledged);
    }

    protected override Findings JudgeContent(Reply reply)
    {
        long most = IsUncertain ? Acknowledged + 1 : Acknowledged;
        long found = 0;
        long strange = 0;
        long last = 0;
        foreach (Reply element in reply.Items)
        {
            bool isNumber = long.TryParse(element.Text, CultureInfo.InvariantCulture, out long number);
            bool isNext = isNumber && number > last && number <= most;
            if (!isNext)
            {
                strange++;
                continue;
            }
            last = number;
            if (number <= Acknowledged)
                found++;
        }
        return new Findings(Lost: Acknowledged - found, NeverWritten: strange);
    }
}

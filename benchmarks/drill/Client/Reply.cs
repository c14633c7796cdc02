using System.Globalization;

namespace OrleansKv.Drill.Client;

/// <summary>A RESP2 reply: its first byte, its text (null for a null), and the items of an array.</summary>
internal sealed record Reply(char Type, string? Text, IReadOnlyList<Reply> Items)
{
    public bool IsError => Type == '-';

    public long Integer => long.Parse(Text!, CultureInfo.InvariantCulture);

    /// <summary>The first word of an error: MOVED, CLUSTERDOWN, ERR …</summary>
    public string ErrorKind => Text!.Split(' ', 2)[0];

    /// <summary>The value behind a key of a map that RESP2 gives as a flat array; null where it is missing.</summary>
    public Reply? this[string key]
    {
        get
        {
            for (int i = 0; i + 1 < Items.Count; i += 2)
            {
                if (Items[i].Text == key)
                    return Items[i + 1];
            }
            return null;
        }
    }
}

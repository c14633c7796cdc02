namespace OrleansKv.Engine.Configuration;

/// <summary>Up to which size a value keeps its compact encoding.</summary>
internal static class EncodingParameters
{
    internal static readonly ConfigParameter[] Rows =
    [
        new NumberParameter(
            "hash-max-listpack-entries", 0, long.MaxValue, c => c.HashMaxListpackEntries, (c, v) => c.HashMaxListpackEntries = v)
        {
            Aliases = ["hash-max-ziplist-entries"], Summary = "Fields of a compact hash.",
        },
        new NumberParameter(
            "hash-max-listpack-value", 0, long.MaxValue, c => c.HashMaxListpackValueBytes, (c, v) => c.HashMaxListpackValueBytes = v)
        {
            Aliases = ["hash-max-ziplist-value"], Unit = NumberUnit.Memory, Summary = "Longest field or value of a compact hash.",
        },
        new NumberParameter(
            "list-max-listpack-size", int.MinValue, int.MaxValue, c => c.ListMaxListpackSize, (c, v) => c.ListMaxListpackSize = (int)v)
        {
            Aliases = ["list-max-ziplist-size"], Summary = "Size of a list's nodes: entries, or -1 to -5 for 4, 8, 16, 32, 64 KiB.",
        },
        new NumberParameter("list-compress-depth", 0, int.MaxValue, c => c.ListCompressDepth, (c, v) => c.ListCompressDepth = (int)v)
        {
            Summary = "Nodes at either end of a list that are not compressed; 0 to compress none.",
        },
        new NumberParameter("set-max-intset-entries", 0, long.MaxValue, c => c.SetMaxIntsetEntries, (c, v) => c.SetMaxIntsetEntries = v)
        {
            Summary = "Members of a compact set of integers.",
        },
        new NumberParameter(
            "set-max-listpack-entries", 0, long.MaxValue, c => c.SetMaxListpackEntries, (c, v) => c.SetMaxListpackEntries = v)
        {
            Summary = "Members of a compact set.",
        },
        new NumberParameter(
            "set-max-listpack-value", 0, long.MaxValue, c => c.SetMaxListpackValueBytes, (c, v) => c.SetMaxListpackValueBytes = v)
        {
            Unit = NumberUnit.Memory, Summary = "Longest member of a compact set.",
        },
        new NumberParameter(
            "zset-max-listpack-entries",
            0,
            long.MaxValue,
            c => c.SortedSetMaxListpackEntries,
            (c, v) => c.SortedSetMaxListpackEntries = v)
        {
            Aliases = ["zset-max-ziplist-entries"], Summary = "Members of a compact sorted set.",
        },
        new NumberParameter(
            "zset-max-listpack-value",
            0,
            long.MaxValue,
            c => c.SortedSetMaxListpackValueBytes,
            (c, v) => c.SortedSetMaxListpackValueBytes = v)
        {
            Aliases = ["zset-max-ziplist-value"], Unit = NumberUnit.Memory, Summary = "Longest member of a compact sorted set.",
        },
    ];
}

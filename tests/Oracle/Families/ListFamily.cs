namespace OrleansKv.Oracle;

/// <summary>The list commands; those that may block are used here only where they answer at once or after some milliseconds.</summary>
internal static class ListFamily
{
    public static readonly TemplateFamily Instance = new("lists",
    [
        "4*RPUSH {l} {v}+",
        "4*LPUSH {l} {m}+",
        "LPUSHX {l} {v}+",
        "RPUSHX {l} {v}+",
        "RPUSH {l} {many}",
        "2*LPOP {l} [{count}]",
        "2*RPOP {l} [{count}]",
        "2*LLEN {l}",
        "3*LRANGE {l} {i} {i}",
        "2*LINDEX {l} {i}",
        "2*LSET {l} {i} {v}",
        "2*LINSERT {l} (BEFORE|AFTER|before|FOO) {m} {v}",
        "2*LREM {l} {i} {m}",
        "LTRIM {l} {i} {i}",
        "2*LPOS {l} {m} [RANK {i}] [COUNT {count}] [MAXLEN {count}]",
        "LPOS {l} {m} (RANK 0|COUNT -1|MAXLEN -1|RANK|FOO 1)",
        "2*LMOVE {l} {l} (LEFT|RIGHT) (LEFT|RIGHT|right)",
        "LMOVE {l} {l} LEFT FOO",
        "RPOPLPUSH {l} {l}",
        "2*LMPOP (1 {l}|2 {l} {l}|3 {l} {l} {l}) (LEFT|RIGHT) [COUNT (1|2|10)]",
        "LMPOP (0 {l} LEFT|2 {l} LEFT|1 {l} FOO|1 {l} LEFT COUNT 0|1 {l} LEFT COUNT 1 COUNT 1)",
        "BLPOP l0 {l}+ 0.002",
        "BRPOP l0 {l} 0.002",
        "BLMOVE {l} {l} LEFT RIGHT 0.002",
        "BRPOPLPUSH {l} {l} 0.002",
        "BLMPOP 0.002 1 {l} LEFT [COUNT 2]",
        "(BLPOP {l}|BRPOP {l}|BRPOPLPUSH {l} {l}|BLMOVE {l} {l} LEFT LEFT) (-1|x|nan)",
        "OBJECT ENCODING {l}",
        "DEL {l}",
    ]);
}

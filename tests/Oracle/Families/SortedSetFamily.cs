namespace OrleansKv.Oracle;

/// <summary>
/// The sorted set commands with all their options; plain sets appear where Redis takes them for sorted ones. Ranges by name mean something
/// only among equal scores, so they have keys of their own, whose names begin with y, in which every score is 0.
/// </summary>
internal static class SortedSetFamily
{
    private const string Keys = "(1 {zt} [WEIGHTS {float}]|2 {zt} {zt} [WEIGHTS {float} {float}]|3 {zt} {zt} {zt} [WEIGHTS {n} {n} {n}])";

    public static readonly TemplateFamily Instance = new("sortedsets",
    [
        "6*ZADD {z} ({float} {m})+",
        "3*ZADD {z} ({n} {m})+",
        "3*ZADD {z} [NX|XX] [GT|LT] [CH] ({float} {m})+",
        "ZADD {z} [XX|NX] [CH] INCR {float} {m}",
        "ZADD {z} (INCR {n} {m} {n} {m}|NX XX {n} {m}|GT LT {n} {m}|NX GT {n} {m}|CH {n}|{m} {m})",
        "4*ZADD {y} (0 {m})+",
        "ZREM {y} {m}+",
        "ZRANGE {y} 0 -1",
        "SET ystring text",
        "ZADD {z} {scored}",
        "SADD {t} {m}+",
        "3*ZINCRBY {z} {float} {m}",
        "2*ZSCORE {z} {m}",
        "ZMSCORE {z} {m}+",
        "2*ZRANK {z} {m}",
        "2*ZREVRANK {z} {m}",
        "ZCARD {z}",
        "2*ZREM {z} {m}+",
        "2*ZCOUNT {z} {bound} {bound}",
        "2*ZLEXCOUNT {y} {lex} {lex}",
        "3*ZRANGE {z} {i} {i} [REV] [WITHSCORES]",
        "3*ZRANGE {z} {bound} {bound} BYSCORE [REV] [LIMIT {i} {i}] [WITHSCORES]",
        "2*ZRANGE {y} {lex} {lex} BYLEX [REV] [LIMIT {i} {i}]",
        "ZRANGE {z} 0 -1 (BYLEX WITHSCORES|LIMIT 0 1|BYSCORE BYLEX|FOO)",
        "ZRANGESTORE {z} ({z} {i} {i} [REV]|{z} {bound} {bound} BYSCORE [REV] [LIMIT {count} {i}]|{y} {lex} {lex} BYLEX [LIMIT {count} {i}])",
        "ZREVRANGE {z} {i} {i} [WITHSCORES]",
        "2*ZRANGEBYSCORE {z} {bound} {bound} [WITHSCORES] [LIMIT {i} {i}]",
        "2*ZREVRANGEBYSCORE {z} {bound} {bound} [WITHSCORES] [LIMIT {i} {i}]",
        "ZRANGEBYLEX {y} {lex} {lex} [LIMIT {i} {i}]",
        "ZREVRANGEBYLEX {y} {lex} {lex} [LIMIT {i} {i}]",
        "ZREMRANGEBYRANK {z} {i} {i}",
        "ZREMRANGEBYSCORE {z} {bound} {bound}",
        "ZREMRANGEBYLEX {y} {lex} {lex}",
        "ZPOPMIN {z} [{count}]",
        "ZPOPMAX {z} [{count}]",
        "ZMPOP (1 {z}|2 {z} {z}) (MIN|MAX) [COUNT (1|3)]",
        "ZMPOP (0 {z} MIN|2 {z} MIN|1 {z} FOO|1 {z} MIN COUNT 0)",
        "BZPOPMIN z0 {z} 0.002",
        "BZPOPMAX {z} 0.002",
        "BZMPOP 0.002 1 {z} (MIN|MAX) [COUNT 2]",
        $"2*ZUNION {Keys} [AGGREGATE (SUM|MIN|MAX)] [WITHSCORES]",
        $"2*ZINTER {Keys} [AGGREGATE (SUM|MIN|MAX)] [WITHSCORES]",
        $"ZUNIONSTORE {{z}} {Keys} [AGGREGATE (SUM|MIN|MAX|FOO)]",
        $"ZINTERSTORE {{z}} {Keys} [AGGREGATE (SUM|MIN|MAX)]",
        "2*ZDIFF (1 {zt}|2 {zt} {zt}|3 {zt} {zt} {zt}) [WITHSCORES]",
        "ZDIFFSTORE {z} (1 {zt}|2 {zt} {zt}|3 {zt} {zt} {zt})",
        "ZINTERCARD (1 {zt}|2 {zt} {zt}) [LIMIT {i}]",
        "(ZUNION|ZINTER|ZDIFF) (0 {z}|2 {z}|1 {z} FOO|1 {z} WEIGHTS|1 {z} WEIGHTS x|1 {z} AGGREGATE)",
        "ZRANDMEMBER {z} [{i} [WITHSCORES|FOO]]",
        "2*ZSCAN {z} 0 [MATCH {pattern}] [COUNT {n}]",
        "OBJECT ENCODING {z}",
        "DEL {z}",
    ]);
}

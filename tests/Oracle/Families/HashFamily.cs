namespace OrleansKv.Oracle;

/// <summary>The hash commands.</summary>
internal static class HashFamily
{
    public static readonly TemplateFamily Instance = new("hashes",
    [
        "4*HSET {h} ({m} {v})+",
        "HSET {h} {fields}",
        "HSET {h} {m} {v} {m}",
        "HMSET {h} ({m} {v})+",
        "2*HSETNX {h} {m} {v}",
        "3*HGET {h} {m}",
        "2*HMGET {h} {m}+",
        "2*HGETALL {h}",
        "HKEYS {h}",
        "HVALS {h}",
        "HLEN {h}",
        "2*HEXISTS {h} {m}",
        "HSTRLEN {h} {m}",
        "3*HDEL {h} {m}+",
        "2*HINCRBY {h} {m} {n}",
        "HINCRBY {h} {m} (9223372036854775807|-9223372036854775808)",
        "2*HINCRBYFLOAT {h} {m} {increment}",
        "HRANDFIELD {h}",
        "HRANDFIELD {h} {i} [WITHVALUES|FOO]",
        "2*HSCAN {h} 0 [MATCH {pattern}] [COUNT {n}]",
        "HSCAN {h} (x|0 COUNT 0|0 FOO)",
        "OBJECT ENCODING {h}",
        "DEL {h}",
    ]);
}

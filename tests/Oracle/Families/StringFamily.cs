namespace OrleansKv.Oracle;

/// <summary>GET, SET and the rest of the string commands.</summary>
internal static class StringFamily
{
    public static readonly TemplateFamily Instance = new("strings",
    [
        "6*GET {s}",
        "5*SET {s} {v}",
        "3*SET {s} {v} [NX|XX] [GET] [EX {s-life}|PX {ms-life}|EXAT {s-moment}|PXAT {ms-moment}|KEEPTTL]",
        "SET {s} {v} (NX XX|EX {s-life} PX {ms-life}|KEEPTTL EX {s-life}|EX|GET GET|FOO)",
        "SETNX {s} {v}",
        "SETEX {s} {s-life} {v}",
        "PSETEX {s} {ms-life} {v}",
        "2*MGET {s}+",
        "MGET {k}+",
        "MSET ({s} {v})+",
        "MSET ({s} {v})+ {s}",
        "MSETNX {s} {v}",
        "MSETNX ({s} {v})+",
        "GETSET {s} {v}",
        "GETDEL {s}",
        "GETEX {s} [EX {s-life}|PX {ms-life}|EXAT {s-moment}|PXAT {ms-moment}|PERSIST]",
        "GETEX {s} (PERSIST PERSIST|EX {s-life} PERSIST|KEEPTTL|NX)",
        "2*APPEND {s} {v}",
        "2*STRLEN {s}",
        "2*SETRANGE {s} {offset} {v}",
        "2*GETRANGE {s} {i} {i}",
        "SUBSTR {s} {i} {i}",
        "2*INCR {s}",
        "DECR {s}",
        "2*INCRBY {s} {n}",
        "INCRBY {s} (9223372036854775807|-9223372036854775808|9223372036854775800)",
        "DECRBY {s} {n}",
        "DECRBY {s} (9223372036854775807|-9223372036854775808)",
        "3*INCRBYFLOAT {s} {increment}",
        "2*SET {s} (10|-3|2.5|0.1|9223372036854775806|1e2)",
        "OBJECT ENCODING {s}",
        "TTL {s}",
        "DEL {s}",
    ]);
}

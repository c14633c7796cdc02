namespace OrleansKv.Oracle;

/// <summary>The set commands.</summary>
internal static class SetFamily
{
    public static readonly TemplateFamily Instance = new("sets",
    [
        "5*SADD {t} {m}+",
        "2*SADD {t} {n}+",
        "SADD {t} {many}",
        "SADD {t} {numbers}",
        "3*SREM {t} {m}+",
        "2*SISMEMBER {t} {m}",
        "2*SMISMEMBER {t} {m}+",
        "SCARD {t}",
        "2*SMEMBERS {t}",
        "2*SMOVE {t} {t} {m}",
        "SPOP {t}",
        "SPOP {t} {i}",
        "SRANDMEMBER {t}",
        "SRANDMEMBER {t} {i}",
        "2*SINTER {t}+",
        "2*SUNION {t}+",
        "2*SDIFF {t}+",
        "SINTERSTORE {t} {t}+",
        "SUNIONSTORE {t} {t}+",
        "SDIFFSTORE {t} {t}+",
        "2*SINTERCARD (1 {t}|2 {t} {t}|3 {t} {t} {t}) [LIMIT {i}]",
        "SINTERCARD (0 {t}|2 {t}|1 {t} FOO|1 {t} LIMIT|x {t})",
        "2*SSCAN {t} 0 [MATCH {pattern}] [COUNT {n}]",
        "SSCAN {t} (x|0 COUNT 0|0 FOO)",
        "OBJECT ENCODING {t}",
        "2*DEL {t}",
    ]);
}

namespace OrleansKv.Oracle;

/// <summary>
/// The commands on keys of any type, expiry included. Beside the plain commands there are keys that live for a few milliseconds, whose end
/// both servers must show.
/// </summary>
internal sealed class KeyFamily() : Family("keys")
{
    public static readonly KeyFamily Instance = new();

    private static readonly TemplateFamily Commands = new("keys",
    [
        "2*SET s0 {v}",
        "2*SET {s} {v} [EX {s-life}]",
        "RPUSH {l} {v}+",
        "HSET {h} ({m} {v})+",
        "SADD {t} {m}+",
        "ZADD {z} ({n} {m})+",
        "2*DEL {k}+",
        "UNLINK {k}+",
        "2*EXISTS {k}+",
        "2*TYPE {k}",
        "2*RENAME {k} {k}",
        "2*RENAMENX {k} {k}",
        "3*COPY {k} {k} [DB {db}] [REPLACE]",
        "COPY {k} {k} (REPLACE REPLACE|DB|FOO)",
        "MOVE {k} {db}",
        "TOUCH {k}+",
        "RANDOMKEY",
        "2*KEYS {pattern}",
        "2*SCAN 0 [MATCH {pattern}] [COUNT {n}] [TYPE (string|list|hash|set|zset|STRING|stream|nothing)]",
        "SCAN (x|-1|1.5)",
        "SCAN 0 (COUNT 0|COUNT x|MATCH|FOO 1)",
        "DBSIZE",
        "FLUSHDB [ASYNC|SYNC|FOO]",
        "SWAPDB {db} {db}",
        "3*EXPIRE {k} {s-life} [NX|XX|GT|LT]",
        "EXPIRE {k} {s-life} (NX XX|NX GT|GT LT|XX GT|XX LT|FOO|NX FOO)",
        "2*PEXPIRE {k} {ms-life} [NX|XX|GT|LT]",
        "3*EXPIREAT {k} {s-moment} [NX|XX|GT|LT]",
        "2*PEXPIREAT {k} {ms-moment} [NX|XX|GT|LT]",
        "2*TTL {k}",
        "2*PTTL {k}",
        "EXPIRETIME {k}",
        "PEXPIRETIME {k}",
        "2*PERSIST {k}",
        "3*OBJECT ENCODING {k}",
        "OBJECT (REFCOUNT|IDLETIME) {k}",
        "OBJECT FREQ {k}",
        "OBJECT (FOO|ENCODING) [{k} {k}]",
        "SELECT {db}",
        "3*SELECT 0",
    ]);

    public override Unit Next(Gen gen) => gen.Chance(0.004) ? ShortLife(gen) : Commands.Next(gen);

    private static Unit ShortLife(Gen gen)
    {
        string key = gen.AnyKey();
        string life = $"{gen.Between(1, 5)}";
        Step expire = gen.Chance(0.5) ? Step.Command("SET", key, gen.Value(), "PX", life) : Step.Command("PEXPIRE", key, life);
        // A key without expiry stays, so the wait is only for one that certainly got one.
        return new Unit(
            Step.Command("SELECT", "0"),
            Step.Command("SET", key, "short-lived"),
            expire,
            new Step(StepKind.AwaitExpired, 0, [key]),
            Step.Command("EXISTS", key),
            Step.Command("TTL", key),
            Step.Command("TYPE", key),
            Step.Command("DBSIZE"));
    }
}

namespace OrleansKv.Contracts;

/// <summary>
/// What gateways say to silos in a batch of commands, beside the commands of clients. No client's command has such a name. The two arguments behind the
/// word are the gateway's silo, and the number that it gives to what its client watches.
/// </summary>
public static class BatchWords
{
    /// <summary>The keys that follow are watched.</summary>
    public static ReadOnlySpan<byte> Watch => "kv.watch"u8;

    /// <summary>EXEC of a client that watches keys.</summary>
    public static ReadOnlySpan<byte> Exec => "kv.exec"u8;

    /// <summary>The client watches nothing any more.</summary>
    public static ReadOnlySpan<byte> Unwatch => "kv.unwatch"u8;
}

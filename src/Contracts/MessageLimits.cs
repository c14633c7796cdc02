namespace OrleansKv.Contracts;

/// <summary>What calls between silos, and between clients and silos, may be made of.</summary>
public static class MessageLimits
{
    /// <summary>
    /// Bytes of a call's arguments or of its result: as many as a command may have (<c>client-query-buffer-limit</c>), where Orleans's own limit of
    /// 100 MiB is less than one value may have (<c>proto-max-bulk-len</c>). The same for all, however they are configured: whoever takes less closes
    /// the connection that brings more.
    /// </summary>
    public const int MaxBodyBytes = 1 << 30;
}

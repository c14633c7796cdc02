using Orleans;

namespace OrleansKv.Contracts;

/// <summary>
/// A run of commands, or of their replies, as RESP2 bytes one behind the other. Whoever makes one never changes the bytes after it.
/// </summary>
/// <remarks>Format: the Redis serialization protocol specification; commands are arrays of bulk strings.</remarks>
[GenerateSerializer, Immutable, Alias("OrleansKv.RespBatch")]
public readonly record struct RespBatch([property: Id(0)] byte[] Bytes);

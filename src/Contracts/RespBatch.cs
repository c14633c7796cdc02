using Orleans;

namespace OrleansKv.Contracts;

/// <summary>
/// A run of commands, or of their replies, as RESP bytes one behind the other. Whoever makes one never changes the bytes after it.
/// </summary>
/// <remarks>Format: the Redis serialization protocol specification; commands are arrays of bulk strings.</remarks>
/// <param name="Bytes">The commands or replies.</param>
/// <param name="Resp3">Of replies: they are RESP3. Of commands: their replies are to be.</param>
/// <param name="NoTouch">Of commands: the keys that they read do not count as used (CLIENT NO-TOUCH).</param>
[GenerateSerializer, Immutable, Alias("OrleansKv.RespBatch")]
public readonly record struct RespBatch([property: Id(0)] byte[] Bytes, [property: Id(1)] bool Resp3 = false, [property: Id(2)] bool NoTouch = false);

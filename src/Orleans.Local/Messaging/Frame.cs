// Stands for Orleans.Runtime.Message on the wire.
namespace OrleansKv.LocalRuntime;

/// <summary>
/// What a frame is. Every frame is its length (4 bytes, little-endian, of what follows), its kind (1 byte), a number that pairs an answer
/// with its question (varint), and a body.
/// </summary>
internal enum FrameKind : byte
{
    /// <summary>A grain call: flags (1 byte), times sent on (1 byte), timeout in ms (varint), grain, method (8 bytes), arguments.</summary>
    Request = 1,

    /// <summary>The call's result.</summary>
    Result = 2,

    /// <summary>The exception that a call or a question ended with.</summary>
    Failure = 3,

    /// <summary>The call was not executed, since its grain is not at this silo: <see cref="Redirection"/>.</summary>
    NotHere = 4,

    /// <summary>The caller has cancelled the call.</summary>
    Cancel = 5,

    /// <summary>A question of one runtime to another: an object.</summary>
    Ask = 6,

    /// <summary>The answer to a question: an object, or null.</summary>
    Answer = 7,

    /// <summary>Something told that has no answer: an object.</summary>
    Tell = 8,
}

[Flags]
internal enum RequestFlags : byte
{
    None = 0,
    OneWay = 1,

    /// <summary>The grain was placed here: if it is not active it is activated.</summary>
    MayActivate = 2,
}

/// <summary>Why a call came back, and where to look next.</summary>
/// <param name="HasProgressed">Whether the activation that went before the call ran others.</param>
/// <param name="ViewVersion">Of the cluster as the silo saw it.</param>
/// <param name="Silo">Where the grain is instead, if the silo knows.</param>
internal readonly record struct Redirection(bool HasProgressed, long ViewVersion, global::Orleans.Runtime.SiloAddress? Silo);

using System.Runtime.CompilerServices;

namespace OrleansKv.Engine.Types;

/// <summary>A member of a big sorted set: a <see cref="FieldNode"/> whose value is its score.</summary>
internal static unsafe class SortedSetMember
{
    /// <summary>Bytes of a node's value.</summary>
    public const int ScoreBytes = sizeof(double);

    public static double Score(byte* node) => Unsafe.ReadUnaligned<double>(new FieldNode(node).ValueAddress);

    public static void SetScore(byte* node, double score) => Unsafe.WriteUnaligned(new FieldNode(node).ValueAddress, score);

    public static ReadOnlySpan<byte> Name(byte* node) => new FieldNode(node).Key;
}

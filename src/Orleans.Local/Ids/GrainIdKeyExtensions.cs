// Stands for Orleans.Runtime.GrainIdKeyExtensions: integer keys are written in upper-case hexadecimal, Guids without dashes.
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Orleans.Runtime;

public static class GrainIdKeyExtensions
{
    public static IdSpan CreateIntegerKey(long key) => IdSpan.Create(key.ToString("X", CultureInfo.InvariantCulture));

    public static IdSpan CreateGuidKey(Guid key) => IdSpan.Create(key.ToString("N"));

    public static long GetIntegerKey(this GrainId grainId) =>
        TryGetInteger(grainId.Key, out long key)
            ? key
            : throw new ArgumentException($"Unable to parse integer key from grain id {grainId}.", nameof(grainId));

    public static Guid GetGuidKey(this GrainId grainId) =>
        Utf8Parser.TryParse(grainId.Key.AsSpan(), out Guid key, out int used, 'N') && used == grainId.Key.AsSpan().Length
            ? key
            : throw new ArgumentException($"Unable to parse Guid key from grain id {grainId}.", nameof(grainId));

    private static bool TryGetInteger(IdSpan span, out long key) =>
        long.TryParse(Encoding.UTF8.GetString(span.AsSpan()), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out key);
}

// Stands for Orleans.KeepAliveAttribute, Orleans.CollectionAgeLimitAttribute, Orleans.GrainTypeAttribute and
// Orleans.ResponseTimeoutAttribute.
using System.Globalization;

namespace Orleans;

/// <summary>Activations of the class are not collected for being idle.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KeepAliveAttribute : Attribute
{
}

/// <summary>How long an activation of the class may be idle before it is collected.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class CollectionAgeLimitAttribute : Attribute
{
    public double Days { get; set; }

    public double Hours { get; set; }

    public double Minutes { get; set; }

    public TimeSpan AgeLimit => TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
}

/// <summary>Names the grain type of the class, in place of the name made from the class's.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class GrainTypeAttribute(string grainType) : Attribute
{
    internal string Name { get; } = grainType;
}

/// <summary>How long a caller waits for the method, in place of the runtime's default.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
{
    public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);
}

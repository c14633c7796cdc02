// Stands for Orleans.Runtime.SiloStatus and Orleans.Runtime.SiloStatusExtensions.
namespace Orleans.Runtime;

/// <summary>Where a silo is in its life. It only ever goes forward.</summary>
[GenerateSerializer, Alias("SiloStatus")]
public enum SiloStatus
{
    None = 0,
    Created = 1,

    /// <summary>Known to the others, not yet asked for anything.</summary>
    Joining = 2,
    Active = 3,
    ShuttingDown = 4,
    Stopping = 5,

    /// <summary>For good: a process that starts again is another silo, with a higher generation.</summary>
    Dead = 6,
}

public static class SiloStatusExtensions
{
    public static bool IsTerminating(this SiloStatus siloStatus) =>
        siloStatus is SiloStatus.ShuttingDown or SiloStatus.Stopping or SiloStatus.Dead;
}

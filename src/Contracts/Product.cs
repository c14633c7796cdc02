namespace OrleansKv.Contracts;

/// <summary>What the product calls itself.</summary>
public static class Product
{
    public const string Name = "OrleansKv";

    /// <summary>The Redis version whose behaviour clients may count on: what INFO and HELLO report as the server's version.</summary>
    public const string RedisVersion = "7.2.5";

    /// <summary>The product's own version.</summary>
    public static string Version { get; } = typeof(Product).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}

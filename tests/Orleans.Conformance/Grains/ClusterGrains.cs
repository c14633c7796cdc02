using System.Collections.Concurrent;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansKv.Orleans.Conformance;

[Alias("conformance.IWhereGrain")]
public interface IWhereGrain : IGrainWithStringKey
{
    /// <summary>The silo and the activation that answer.</summary>
    [Alias("Where")]
    Task<string> Where();

    [Alias("Echo")]
    Task<byte[]> Echo([Immutable] byte[] bytes);

    /// <summary>Counts itself, announces that it runs, and waits to be let go.</summary>
    [Alias("Hold")]
    Task Hold(string name);

    [Alias("HoldUntilCancelled")]
    Task HoldUntilCancelled(string name, CancellationToken cancellationToken);

    [Alias("HoldBriefly"), ResponseTimeout("00:00:00.5")]
    Task HoldBriefly(string name);

    [Alias("HoldOneWay"), OneWay]
    Task HoldOneWay(string name);

    [Alias("Refuse")]
    Task Refuse(int code);

    /// <summary>Calls the same method of another grain, from this one's silo.</summary>
    [Alias("Ask")]
    Task<string> Ask(IWhereGrain other);
}

/// <summary>Placed anywhere.</summary>
public class WhereGrain(ILocalSiloDetails silo) : Grain, IWhereGrain
{
    private readonly Guid _activation = Guid.NewGuid();

    /// <summary>How often each held call has begun, by its name.</summary>
    public static ConcurrentDictionary<string, int> Runs { get; } = new();

    public Task<string> Where() => Task.FromResult($"{silo.SiloAddress.ToParsableString()} {_activation:N}");

    public Task<byte[]> Echo(byte[] bytes) => Task.FromResult(bytes);

    public async Task Hold(string name)
    {
        Runs.AddOrUpdate(name, 1, (_, count) => count + 1);
        Signals.Set(name + ".held");
        await Signals.WaitAsync(name + ".release");
        Signals.Set(name + ".done");
    }

    public async Task HoldUntilCancelled(string name, CancellationToken cancellationToken)
    {
        cancellationToken.Register(() => Signals.Set(name + ".cancelled"));
        await Hold(name);
    }

    public Task HoldBriefly(string name) => Hold(name);

    public Task HoldOneWay(string name) => Hold(name);

    public Task Refuse(int code) => throw new RefusedException("refused") { Code = code };

    public Task<string> Ask(IWhereGrain other) => other.Where();
}

[Alias("conformance.IAddressedGrain")]
public interface IAddressedGrain : IWhereGrain
{
}

/// <summary>Placed on the silo that its key names, and told from others there by what follows the name.</summary>
[AddressedPlacement]
public class AddressedGrain(ILocalSiloDetails silo) : WhereGrain(silo), IAddressedGrain;

using OrleansKv.LocalRuntime;

namespace OrleansKv.Grains.Tests;

/// <summary>
/// Every test while grains are deactivated at random, activated twice, and their calls reordered: the data is the store's, so none of
/// it may show. (Lost replies would: a caller has to see those.)
/// </summary>
public sealed class MischiefKvTests(MischievousKvHost host) : KvTests(host), IClassFixture<MischievousKvHost>;

public sealed class MischievousKvHost() : KvHost(silo => silo.AddMischief(options =>
{
    options.Deactivation = 0.2;
    options.SecondActivation = 0.1;
    options.Reorder = 0.2;
}));

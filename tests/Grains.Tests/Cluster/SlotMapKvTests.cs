namespace OrleansKv.Grains.Tests.Cluster;

/// <summary>The store through its grains on a silo that follows a slot map: everything is as without one.</summary>
public sealed class SlotMapKvTests(SlotMapKvHost host) : KvTests(host), IClassFixture<SlotMapKvHost>;

public sealed class SlotMapKvHost() : KvHost(silo => silo.AddOrleansKvSlotMap());

namespace OrleansKv.Orleans.Conformance;

// Every test through the client inside the silo.
[Collection(OnHost.Name)]
public sealed class HostTurnTests(HostCluster cluster) : TurnTests(cluster);

[Collection(OnHost.Name)]
public sealed class HostLifeTests(HostCluster cluster) : LifeTests(cluster);

[Collection(OnHost.Name)]
public sealed class HostStateTests(HostCluster cluster) : StateTests(cluster);

[Collection(OnHost.Name)]
public sealed class HostObserverTests(HostCluster cluster) : ObserverTests(cluster);

[Collection(OnHost.Name)]
public sealed class HostTimerTests(HostCluster cluster) : TimerTests(cluster);

[Collection(OnHost.Name)]
public sealed class HostPlacementTests(HostCluster cluster) : PlacementTests(cluster);

[Collection(OnHost.Name)]
public sealed class HostValueTests(HostCluster cluster) : ValueTests(cluster);

[Collection(OnHost.Name)]
public sealed class HostSerializerTests(HostCluster cluster) : SerializerTests(cluster);

namespace OrleansKv.Orleans.Conformance;

// Every test through a client in another host.
[Collection(OnClient.Name)]
public sealed class ClientTurnTests(ClientCluster cluster) : TurnTests(cluster);

[Collection(OnClient.Name)]
public sealed class ClientLifeTests(ClientCluster cluster) : LifeTests(cluster);

[Collection(OnClient.Name)]
public sealed class ClientStateTests(ClientCluster cluster) : StateTests(cluster);

[Collection(OnClient.Name)]
public sealed class ClientObserverTests(ClientCluster cluster) : ObserverTests(cluster);

[Collection(OnClient.Name)]
public sealed class ClientTimerTests(ClientCluster cluster) : TimerTests(cluster);

[Collection(OnClient.Name)]
public sealed class ClientPlacementTests(ClientCluster cluster) : PlacementTests(cluster);

[Collection(OnClient.Name)]
public sealed class ClientValueTests(ClientCluster cluster) : ValueTests(cluster);

[Collection(OnClient.Name)]
public sealed class ClientSerializerTests(ClientCluster cluster) : SerializerTests(cluster);

namespace OrleansKv.Orleans.Conformance;

// Every test through a client that is connected by sockets: to a silo, and to a pair of silos.
[Collection(OnSocket.Name)]
public sealed class SocketTurnTests(SocketCluster cluster) : TurnTests(cluster);

[Collection(OnSocket.Name)]
public sealed class SocketLifeTests(SocketCluster cluster) : LifeTests(cluster);

[Collection(OnSocket.Name)]
public sealed class SocketStateTests(SocketCluster cluster) : StateTests(cluster);

[Collection(OnSocket.Name)]
public sealed class SocketObserverTests(SocketCluster cluster) : ObserverTests(cluster);

[Collection(OnSocket.Name)]
public sealed class SocketTimerTests(SocketCluster cluster) : TimerTests(cluster);

[Collection(OnSocket.Name)]
public sealed class SocketPlacementTests(SocketCluster cluster) : PlacementTests(cluster);

[Collection(OnSocket.Name)]
public sealed class SocketValueTests(SocketCluster cluster) : ValueTests(cluster);

[Collection(OnSocket.Name)]
public sealed class SocketSerializerTests(SocketCluster cluster) : SerializerTests(cluster);

[Collection(OnPair.Name)]
public sealed class PairTurnTests(PairCluster cluster) : TurnTests(cluster);

[Collection(OnPair.Name)]
public sealed class PairLifeTests(PairCluster cluster) : LifeTests(cluster);

[Collection(OnPair.Name)]
public sealed class PairStateTests(PairCluster cluster) : StateTests(cluster);

[Collection(OnPair.Name)]
public sealed class PairObserverTests(PairCluster cluster) : ObserverTests(cluster);

[Collection(OnPair.Name)]
public sealed class PairTimerTests(PairCluster cluster) : TimerTests(cluster);

[Collection(OnPair.Name)]
public sealed class PairPlacementTests(PairCluster cluster) : PlacementTests(cluster);

[Collection(OnPair.Name)]
public sealed class PairValueTests(PairCluster cluster) : ValueTests(cluster);

[Collection(OnPair.Name)]
public sealed class PairSerializerTests(PairCluster cluster) : SerializerTests(cluster);

namespace OrleansKv.Orleans.Conformance;

// Every test on TestingHost's cluster of two silos.
[Collection(OnTestCluster.Name)]
public sealed class TestClusterTurnTests(TestingHostCluster cluster) : TurnTests(cluster);

[Collection(OnTestCluster.Name)]
public sealed class TestClusterLifeTests(TestingHostCluster cluster) : LifeTests(cluster);

[Collection(OnTestCluster.Name)]
public sealed class TestClusterStateTests(TestingHostCluster cluster) : StateTests(cluster);

[Collection(OnTestCluster.Name)]
public sealed class TestClusterObserverTests(TestingHostCluster cluster) : ObserverTests(cluster);

[Collection(OnTestCluster.Name)]
public sealed class TestClusterTimerTests(TestingHostCluster cluster) : TimerTests(cluster);

[Collection(OnTestCluster.Name)]
public sealed class TestClusterPlacementTests(TestingHostCluster cluster) : PlacementTests(cluster);

[Collection(OnTestCluster.Name)]
public sealed class TestClusterValueTests(TestingHostCluster cluster) : ValueTests(cluster);

[Collection(OnTestCluster.Name)]
public sealed class TestClusterSerializerTests(TestingHostCluster cluster) : SerializerTests(cluster);

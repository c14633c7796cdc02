namespace OrleansKv.Orleans.Conformance;

[CollectionDefinition(Name)]
public sealed class OnHost : ICollectionFixture<HostCluster>
{
    public const string Name = "host";
}

[CollectionDefinition(Name)]
public sealed class OnClient : ICollectionFixture<ClientCluster>
{
    public const string Name = "client";
}

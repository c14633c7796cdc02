// Stands for Orleans.Runtime.IRemoteGrainDirectory and Orleans.Runtime.GrainDirectory.IGrainDirectoryPartition: what silos ask each other.
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>Where a grain is active, and as which of its activations.</summary>
[GenerateSerializer, Immutable, Alias("local.Registration")]
internal sealed record Registration([property: Id(0)] GrainId Grain, [property: Id(1)] SiloAddress Silo, [property: Id(2)] Guid Activation);

/// <summary>Asks the owner of a grain's registration for it, as of a view that is at least as late as the asker's.</summary>
[GenerateSerializer, Immutable, Alias("local.LookupQuestion")]
internal sealed record LookupQuestion([property: Id(0)] GrainId Grain, [property: Id(1)] long ViewVersion);

/// <summary>Registers an activation unless there is another.</summary>
[GenerateSerializer, Immutable, Alias("local.RegisterQuestion")]
internal sealed record RegisterQuestion([property: Id(0)] Registration Registration, [property: Id(1)] long ViewVersion);

[GenerateSerializer, Immutable, Alias("local.UnregisterQuestion")]
internal sealed record UnregisterQuestion([property: Id(0)] Registration Registration);

/// <summary>The registration that holds, if any; or that the asked silo is not the owner, in which view.</summary>
[GenerateSerializer, Immutable, Alias("local.DirectoryAnswer")]
internal sealed record DirectoryAnswer(
    [property: Id(0)] bool IsOwner, [property: Id(1)] long ViewVersion, [property: Id(2)] Registration? Registration);

/// <summary>Asks a silo for its own activations whose registrations now belong to the asker.</summary>
[GenerateSerializer, Immutable, Alias("local.RecoverQuestion")]
internal sealed record RecoverQuestion([property: Id(0)] long ViewVersion);

[GenerateSerializer, Immutable, Alias("local.RecoverAnswer")]
internal sealed record RecoverAnswer([property: Id(0)] Registration[] Registrations);

/// <summary>Tells a silo that another activation of its grain holds the registration, so that its own must go.</summary>
[GenerateSerializer, Immutable, Alias("local.DuplicateNotice")]
internal sealed record DuplicateNotice([property: Id(0)] Registration Registration);

/// <summary>Asks a silo whether a client is connected to its gateway.</summary>
[GenerateSerializer, Immutable, Alias("local.ClientQuestion")]
internal sealed record ClientQuestion([property: Id(0)] Guid Client);

/// <summary>Asks a silo for the grain classes it has.</summary>
[GenerateSerializer, Immutable, Alias("local.ManifestQuestion")]
internal sealed record ManifestQuestion;

/// <summary>One interface of one grain class.</summary>
[GenerateSerializer, Immutable, Alias("local.ManifestEntry")]
internal sealed record ManifestEntry(
    [property: Id(0)] string InterfaceName, [property: Id(1)] string ClassName, [property: Id(2)] GrainType GrainType);

[GenerateSerializer, Immutable, Alias("local.ManifestAnswer")]
internal sealed record ManifestAnswer([property: Id(0)] ManifestEntry[] Entries);

/// <summary>Asks whether the silo is there.</summary>
[GenerateSerializer, Immutable, Alias("local.ProbeQuestion")]
internal sealed record ProbeQuestion;

/// <summary>Asks whether another silo is there for the asked one.</summary>
[GenerateSerializer, Immutable, Alias("local.IndirectProbeQuestion")]
internal sealed record IndirectProbeQuestion([property: Id(0)] SiloAddress Target, [property: Id(1)] TimeSpan ProbeTimeout);

/// <summary>Tells a silo that the membership table has changed.</summary>
[GenerateSerializer, Immutable, Alias("local.GossipNotice")]
internal sealed record GossipNotice;

/// <summary>Tells a client that its gateway is about to close, so that it gives it no more calls.</summary>
[GenerateSerializer, Immutable, Alias("local.ClosingNotice")]
internal sealed record ClosingNotice;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace OrleansKv.Silo.Tests;

/// <summary>How soon silos take one another for dead.</summary>
public sealed class MembershipPaceTests
{
    [Fact]
    public void Pace_NothingConfigured_FindsAHangWithinThreeSeconds()
    {
        ClusterMembershipOptions options = Pace([]);

        Assert.Equal((TimeSpan.FromMilliseconds(500), 2), (options.ProbeTimeout, options.NumMissedProbesLimit));

        // Where the runtime has it, this is how long a silo's last message speaks for it, as often as probes may be missed.
        object? longest = typeof(ClusterMembershipOptions).GetProperty("MaxProbeTimeout")?.GetValue(options);
        Assert.True(longest is null or TimeSpan { TotalMilliseconds: 1000 }, $"{longest}");
    }

    [Fact]
    public void Pace_InOrleansConfiguration_CountsInstead()
    {
        ClusterMembershipOptions options = Pace(new() { ["Orleans:Membership:ProbeTimeout"] = "00:00:02", ["Orleans:Membership:NumMissedProbesLimit"] = "4" });

        Assert.Equal((TimeSpan.FromSeconds(2), 4, 2), (options.ProbeTimeout, options.NumMissedProbesLimit, options.NumVotesForDeathDeclaration));
    }

    private static ClusterMembershipOptions Pace(Dictionary<string, string?> configured)
    {
        var services = new ServiceCollection();
        ClusterMember.SetPace(services, new ConfigurationBuilder().AddInMemoryCollection(configured).Build());
        return services.BuildServiceProvider().GetRequiredService<IOptions<ClusterMembershipOptions>>().Value;
    }
}

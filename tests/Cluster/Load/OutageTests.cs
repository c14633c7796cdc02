using System.Diagnostics;
using OrleansKv.Drill.Load;

namespace OrleansKv.Cluster.Tests.Load;

public sealed class OutageTests
{
    [Fact]
    public void Of_WritesStopAndComeBack_TimesFromTheFault() =>
        Assert.Equal(new Outage(BackMs: 900, GapMs: 910), Of(fault: 1000, (980, 985), (986, 990), (1895, 1900), (1905, 1910)));

    [Fact]
    public void Of_WriteBegunBeforeTheFault_DoesNotCountAsBack() =>
        Assert.Equal(new Outage(BackMs: 500, GapMs: 480), Of(fault: 1000, (980, 990), (995, 1020), (1400, 1500)));

    [Fact]
    public void Of_LaterGap_IsTheLongest() =>
        Assert.Equal(new Outage(BackMs: 10, GapMs: 4000), Of(fault: 1000, (980, 990), (1000, 1010), (5000, 5010)));

    [Fact]
    public void Of_GapBeforeTheFault_IsLeftOut() =>
        Assert.Equal(new Outage(BackMs: 5, GapMs: 15), Of(fault: 1000, (10, 20), (980, 990), (1001, 1005)));

    [Fact]
    public void Of_NoWriteAfterTheFault_Never() =>
        Assert.Equal(new Outage(double.PositiveInfinity, double.PositiveInfinity), Of(fault: 1000, (980, 990), (995, 1020)));

    // Times in ms.
    private static Outage Of(long fault, params (long Begun, long Acknowledged)[] writes) =>
        Outage.Of([.. writes.Select(write => (Ticks(write.Begun), Ticks(write.Acknowledged)))], Ticks(fault));

    private static long Ticks(long ms) => ms * Stopwatch.Frequency / 1000;
}

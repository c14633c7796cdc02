using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using OrleansKv.Grains.Membership;
using OrleansKv.Grains.Tests.Membership;

namespace OrleansKv.Grains.Tests;

/// <summary>What a process that a test starts does, until its input ends or it is killed; see <see cref="ChildProcess"/>.</summary>
internal static class Program
{
    public const string Lifeline = "lifeline";

    public const string Silo = "silo";

    public static async Task<int> Main(string[] args)
    {
        switch (args)
        {
            case [Lifeline, string silo]:
                using (var listener = new LifelineListener(SiloAddress.FromParsableString(silo)))
                    await TellAndWaitAsync($"{listener.Port}");
                return 0;
            case [Silo, string directory, string port]:
                using (IHost host = FileCluster.Build(directory, int.Parse(port, CultureInfo.InvariantCulture)))
                {
                    await host.StartAsync();
                    await TellAndWaitAsync(host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString());
                    await host.StopAsync();
                }

                return 0;
            default:
                return 1;
        }
    }

    private static async Task TellAndWaitAsync(string line)
    {
        await Console.Out.WriteLineAsync(line);
        await Console.In.ReadToEndAsync();
    }
}

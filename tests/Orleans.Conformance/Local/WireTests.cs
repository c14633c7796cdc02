using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansKv.LocalRuntime;

namespace OrleansKv.Orleans.Conformance;

/// <summary>Calls over sockets: sizes, limits, cancellation, and what strangers may send.</summary>
public sealed class WireTests : IAsyncLifetime
{
    private const int BigBytes = 10 * 1024 * 1024;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly string _key = Signals.NewKey();
    private readonly SiloCluster _cluster = new(2);

    private IWhereGrain Remote => _cluster.Silos[0].Client
        .GetGrain<IAddressedGrain>($"{_cluster.Silos[1].Address.ToParsableString()} {_key}");

    private IWhereGrain ByGateway => _cluster.Client
        .GetGrain<IAddressedGrain>($"{_cluster.Silos[1].Address.ToParsableString()} {_key}");

    public Task InitializeAsync() => _cluster.InitializeAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Argument_OfTenMegabytes_ComesAndGoesWhole()
    {
        var bytes = new byte[BigBytes];
        new Random(1).NextBytes(bytes);

        foreach (var grain in new[] { Remote, ByGateway })
        {
            var echoed = await grain.Echo(bytes);
            Assert.True(bytes.AsSpan().SequenceEqual(echoed));
        }
    }

    [Fact]
    public async Task Argument_BeyondTheLimit_FailsItsCallAlone()
    {
        var limited = await SiloCluster.StartAsync(
            1,
            silo => silo.Services.Configure<SiloMessagingOptions>(options => options.MaxMessageBodySize = BigBytes / 10),
            client => client.Services.Configure<ClientMessagingOptions>(options => options.MaxMessageBodySize = BigBytes / 10));
        var grain = limited.Client.GetGrain<IWhereGrain>(_key, typeof(WhereGrain).FullName);
        var held = grain.Hold(_key);
        await Signals.WaitAsync(_key + ".held");

        await Assert.ThrowsAsync<global::Orleans.Serialization.SerializerException>(() => grain.Echo(new byte[BigBytes]));

        Signals.Set(_key + ".release");
        await held;
        await limited.DisposeAsync();
    }

    [Fact]
    public async Task Call_WithoutAnAnswerInTime_TimesOut()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Remote.HoldBriefly(_key));

        Assert.False(Signals.IsSet(_key + ".done"));
        Signals.Set(_key + ".release");
        await Signals.WaitAsync(_key + ".done");
    }

    [Fact]
    public async Task Call_Cancelled_EndsForTheCallerAndIsToldToTheGrain()
    {
        foreach (var (grain, name) in new[] { (Remote, _key + ".silo"), (ByGateway, _key + ".client") })
        {
            using var cancellation = new CancellationTokenSource();
            var call = grain.HoldUntilCancelled(name, cancellation.Token);
            await Signals.WaitAsync(name + ".held");

            await cancellation.CancelAsync();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(Limit));
            await Signals.WaitAsync(name + ".cancelled");
            Signals.Set(name + ".release");
        }
    }

    [Fact]
    public async Task OneWayCall_OfAnotherSilo_HasReturnedWhileItRuns()
    {
        await Remote.HoldOneWay(_key);

        await Signals.WaitAsync(_key + ".held");
        Signals.Set(_key + ".release");
        await Signals.WaitAsync(_key + ".done");
    }

    [Fact]
    public async Task Exception_OfAnotherSilo_KeepsItsTypeAndMembers()
    {
        Assert.Equal(7, (await Assert.ThrowsAsync<RefusedException>(() => Remote.Refuse(7))).Code);
        Assert.Equal(8, (await Assert.ThrowsAsync<RefusedException>(() => ByGateway.Refuse(8))).Code);
    }

    [Fact]
    public async Task Reference_HandedOver_IsCalledFromThere() =>
        Assert.Equal(await Remote.Where(), await _cluster.Client.GetGrain<IWhereGrain>(_key, typeof(WhereGrain).FullName).Ask(Remote));

    [Fact]
    public async Task Gateway_ThatIsLost_FailsItsCallsAndOthersTakeOver()
    {
        var first = _cluster.Silos[0];
        Network(first).Stop();
        _cluster.Membership.Set(first.Address, SiloStatus.Dead);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => UntilAnsweredAsync(i)));

        async Task UntilAnsweredAsync(int i)
        {
            var grain = _cluster.Client.GetGrain<IAddressedGrain>($"{_cluster.Silos[1].Address.ToParsableString()} {_key} {i}");
            for (int tries = 0; ; tries++)
            {
                try
                {
                    await grain.Where();
                    return;
                }
                catch (SiloUnavailableException) when (tries < 100)
                {
                    await Task.Yield();
                }
            }
        }
    }

    [Fact]
    public async Task Stranger_SendingAnything_IsDisconnectedAndHarmsNobody()
    {
        var random = new Random(2);
        var ports = _cluster.Silos.SelectMany(silo => new[] { silo.Address.Endpoint, silo.Gateway });
        foreach (var port in ports)
        {
            for (int round = 0; round < 50; round++)
            {
                var bytes = new byte[random.Next(1, 200)];
                random.NextBytes(bytes);
                using var socket = await ConnectAsync(port);
                await socket.SendAsync(bytes);
                socket.Shutdown(SocketShutdown.Send);
                await ReadToEndAsync(socket);
            }
        }

        await Remote.Where();
    }

    [Fact]
    public async Task Frames_ThatAreMalformed_CloseTheirConnectionAlone()
    {
        byte[][] frames =
        [
            [0xFF, 0xFF, 0xFF, 0x7F, 1],
            [2, 0, 0, 0, 99, 0],
            [0, 0, 0, 0],
            [2, 0, 0, 0, 8, 0],
            [3, 0, 0, 0, 6, 1, 77],
        ];
        foreach (var frame in frames)
        {
            var (socket, _) = await Dialer.ConnectAsync(_cluster.Silos[0].Gateway, NewHello(HostCluster.ClusterId), Limit);
            await socket.SendAsync(frame);
            await ReadToEndAsync(socket);
            socket.Dispose();
        }

        await Remote.Where();
    }

    [Fact]
    public async Task Request_OfAnUnknownMethod_FailsAlone()
    {
        var (socket, _) = await Dialer.ConnectAsync(_cluster.Silos[0].Gateway, NewHello(HostCluster.ClusterId), Limit);
        // Kind, number, flags, forwards, timeout, empty type, empty key, method.
        byte[] frame = [15, 0, 0, 0, 1, 5, 0, 0, 100, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
        await socket.SendAsync(frame);

        var head = new byte[6];
        for (int read = 0; read < head.Length;)
            read += await socket.ReceiveAsync(head.AsMemory(read)).AsTask().WaitAsync(Limit);

        Assert.Equal((byte)FrameKind.Failure, head[4]);
        Assert.Equal(5, head[5]);
        Assert.True(BinaryPrimitives.ReadUInt32LittleEndian(head) > 2);
        socket.Dispose();
    }

    [Fact]
    public async Task Handshake_OfAnotherCluster_IsRefused()
    {
        var exception = await Assert.ThrowsAsync<SiloUnavailableException>(
            () => Dialer.ConnectAsync(_cluster.Silos[0].Gateway, NewHello("another"), Limit));

        Assert.Contains(HostCluster.ClusterId, exception.Message, StringComparison.Ordinal);
    }

    private static Hello NewHello(string clusterId) => new(clusterId, null, null, Guid.NewGuid());

    private static SiloNetwork Network(MemberCluster silo) => silo.SiloHost.Services.GetRequiredService<SiloNetwork>();

    private static async Task<Socket> ConnectAsync(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endpoint);
        return socket;
    }

    /// <summary>Until the other side has closed, in bounded time.</summary>
    private static async Task ReadToEndAsync(Socket socket)
    {
        var buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer).WaitAsync(Limit) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset, which closes too.
        }
    }
}

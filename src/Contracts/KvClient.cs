using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;

namespace OrleansKv.Contracts;

/// <summary>The store as a .NET program sees it: each call goes to the grain of the key's slot, without a RESP connection.</summary>
public interface IKvClient
{
    /// <summary>The string at a key; null where there is none.</summary>
    Task<byte[]?> GetAsync(KvBytes key, int database = 0);

    /// <summary>Sets a key, with a time to live where one is given (whole milliseconds, above 0).</summary>
    Task SetAsync(KvBytes key, KvBytes value, TimeSpan? timeToLive = null, int database = 0);

    /// <summary>Deletes a key; false where there was none.</summary>
    Task<bool> DeleteAsync(KvBytes key, int database = 0);

    /// <summary>Gives a key a time to live (whole milliseconds); false where there is no such key.</summary>
    Task<bool> ExpireAsync(KvBytes key, TimeSpan timeToLive, int database = 0);

    /// <summary>Executes any command whose keys are all of one slot.</summary>
    /// <param name="key">One of its keys, which names the slot.</param>
    /// <param name="command">The command's name and arguments, that key among them.</param>
    /// <param name="database">The database it works on.</param>
    /// <returns>The reply, as <see cref="RespReply"/> gives it.</returns>
    /// <exception cref="KvException">The reply is an error.</exception>
    /// <exception cref="TimeoutException">No answer came in time: whether the command was executed is unknown.</exception>
    Task<object?> ExecuteAsync(KvBytes key, IReadOnlyList<KvBytes> command, int database = 0);
}

/// <inheritdoc />
public sealed class KvClient(IGrainFactory grains) : IKvClient
{
    public async Task<byte[]?> GetAsync(KvBytes key, int database = 0) => (byte[]?)await ExecuteAsync(key, ["GET", key], database);

    public Task SetAsync(KvBytes key, KvBytes value, TimeSpan? timeToLive = null, int database = 0) =>
        ExecuteAsync(key, timeToLive is { } time ? ["SET", key, value, "PX", Milliseconds(time)] : ["SET", key, value], database);

    public async Task<bool> DeleteAsync(KvBytes key, int database = 0) => await ExecuteAsync(key, ["DEL", key], database) is 1L;

    public async Task<bool> ExpireAsync(KvBytes key, TimeSpan timeToLive, int database = 0) =>
        await ExecuteAsync(key, ["PEXPIRE", key, Milliseconds(timeToLive)], database) is 1L;

    public async Task<object?> ExecuteAsync(KvBytes key, IReadOnlyList<KvBytes> command, int database = 0)
    {
        var grain = grains.GetGrain<ISlotGrain>(SlotHash.Of(key.Span));
        var replies = await grain.ExecuteAsync(new(Write(command)), database);
        return RespReply.Parse(replies.Bytes);
    }

    private static string Milliseconds(TimeSpan time) => ((long)time.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);

    private static byte[] Write(IReadOnlyList<KvBytes> command)
    {
        var buffer = new ArrayBufferWriter<byte>();
        WriteHeader(buffer, '*', command.Count);
        foreach (var argument in command)
        {
            WriteHeader(buffer, '$', argument.Span.Length);
            buffer.Write(argument.Span);
            buffer.Write("\r\n"u8);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteHeader(ArrayBufferWriter<byte> buffer, char type, int number) =>
        buffer.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{type}{number}\r\n")));
}

/// <summary>Makes the store part of an Orleans client.</summary>
public static class KvClientExtensions
{
    /// <summary>Adds <see cref="IKvClient"/> to the services of a client.</summary>
    public static IClientBuilder AddOrleansKvClient(this IClientBuilder clientBuilder)
    {
        clientBuilder.Services.Configure<ClientMessagingOptions>(options => options.MaxMessageBodySize = MessageLimits.MaxBodyBytes);
        clientBuilder.Services.AddSingleton<IKvClient>(services => new KvClient(services.GetRequiredService<IClusterClient>()));
        return clientBuilder;
    }
}

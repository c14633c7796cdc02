using StackExchange.Redis;

namespace OrleansKv.Cluster.Tests.Clients;

/// <summary>StackExchange.Redis, which finds out by itself whether the servers are a cluster.</summary>
internal sealed class StackExchangeClient : CounterClient
{
    private readonly ConnectionMultiplexer _connection;
    private readonly IDatabase _database;
    private readonly bool _isCluster;

    private StackExchangeClient(string name, bool isCluster, int timeoutMs, IEnumerable<int> ports)
        : base(name)
    {
        _isCluster = isCluster;
        var options = new ConfigurationOptions { SyncTimeout = timeoutMs, ConnectTimeout = timeoutMs, AbortOnConnectFail = false };
        foreach (int port in ports)
            options.EndPoints.Add("127.0.0.1", port);
        _connection = ConnectionMultiplexer.Connect(options);
        _database = _connection.GetDatabase();
    }

    public static StackExchangeClient Cluster(string name, IEnumerable<int> ports) => new(name, true, 2000, ports);

    /// <summary>A client of one server.</summary>
    public static StackExchangeClient Plain(string name, int port, int timeoutMs = 2000) => new(name, false, timeoutMs, [port]);

    public override void Dispose() => _connection.Dispose();

    protected override void IncrementAll()
    {
        for (int i = 0; i < Keys.Length; i++)
        {
            string key = Keys[i];
            Sent[i]++;
            if (Answered(() => _database.StringIncrement(key)))
                Acknowledged[i]++;
        }
        if (!_isCluster)
            Answered(() => Connection = (long)_database.Execute("CLIENT", "ID"));
    }

    private bool Answered(Action call)
    {
        try
        {
            call();
            return true;
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            Error = $"{e.Message} {e.InnerException?.Message}";
            return false;
        }
    }
}

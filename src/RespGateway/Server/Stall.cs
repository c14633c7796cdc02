namespace OrleansKv.RespGateway.Server;

/// <summary>The one place where a thread of the server is put to sleep: DEBUG SLEEP, which has no other purpose.</summary>
internal static class Stall
{
    public static void For(TimeSpan duration) => Thread.Sleep(duration);
}

namespace OrleansKv.Engine.Execution;

/// <summary>The clients of this silo's gateway that wait for keys of other silos. Any thread.</summary>
public interface IWaitingClients
{
    /// <summary>There may be something for a client that waits. False where that wait is over, or was never known.</summary>
    bool Wake(long wait);
}

namespace OrleansKv.Contracts;

/// <summary>Where a silo or gateway gets the slot map from: the latest version that it knows.</summary>
public interface ISlotMapSource
{
    /// <summary>The latest map known here. Any thread.</summary>
    SlotMap Current { get; }

    /// <summary>A newer map has become <see cref="Current"/>. Any thread; handlers return at once.</summary>
    event Action<SlotMap>? Changed;

    /// <summary>Asks for a map newer than <paramref name="staleVersion"/>; done when there is one, or when the question was answered otherwise.</summary>
    /// <exception cref="TimeoutException">The slot map's grain did not answer.</exception>
    Task RefreshAsync(long staleVersion);
}

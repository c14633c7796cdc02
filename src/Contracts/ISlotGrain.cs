using Orleans;
using Orleans.Runtime;

namespace OrleansKv.Contracts;

/// <summary>
/// The actor of one slot, which owns the keys that hash to it. Its key is the slot's number, 0 to 16383: see <see cref="SlotHash"/>.
/// </summary>
[Alias("OrleansKv.ISlotGrain")]
public interface ISlotGrain : IGrainWithIntegerKey
{
    /// <summary>Executes commands in order and gives their replies in the same order.</summary>
    /// <param name="commands">RESP commands whose keys are all of this slot; another gets an error reply and is not executed.</param>
    /// <param name="database">The database they work on.</param>
    /// <exception cref="TimeoutException">No answer came in time: whether the commands were executed is unknown.</exception>
    /// <exception cref="SiloUnavailableException">The silo is gone, or has lost its slots: whether the commands were executed is unknown.</exception>
    [Alias("Execute")]
    Task<RespBatch> ExecuteAsync(RespBatch commands, int database);
}

// Stands for Orleans.Storage.IGrainStorage, Orleans.IGrainState<T>, Orleans.GrainState<T> and Orleans.Storage.InconsistentStateException.
using Orleans.Runtime;

namespace Orleans
{
    /// <summary>A state on its way to or from storage.</summary>
    public interface IGrainState<T>
    {
        T State { get; set; }

        /// <summary>The version that the state was read or written as; null before either.</summary>
        string ETag { get; set; }

        bool RecordExists { get; set; }
    }

    [GenerateSerializer]
    public sealed class GrainState<T> : IGrainState<T>
    {
        public GrainState()
        {
        }

        public GrainState(T state) => State = state;

        public GrainState(T state, string eTag)
            : this(state) => ETag = eTag;

        [Id(0)]
        public T State { get; set; } = default!;

        [Id(1)]
        public string ETag { get; set; } = null!;

        [Id(2)]
        public bool RecordExists { get; set; }
    }
}

namespace Orleans.Storage
{
    /// <summary>A store of grain states. Each write names the version it replaces and fails if there is another by now.</summary>
    public interface IGrainStorage
    {
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
    }

    /// <summary>The state in storage is not the version that the writer had; its activation is deactivated.</summary>
    [GenerateSerializer]
    public class InconsistentStateException : OrleansException
    {
        public InconsistentStateException()
        {
        }

        public InconsistentStateException(string message)
            : base(message)
        {
        }

        public InconsistentStateException(string message, Exception innerException)
            : base(message, innerException)
        {
        }

        public InconsistentStateException(string errorMsg, string storedEtag, string currentEtag)
            : base(errorMsg)
        {
            StoredEtag = storedEtag;
            CurrentEtag = currentEtag;
        }

        [Id(0)]
        public string StoredEtag { get; } = "";

        [Id(1)]
        public string CurrentEtag { get; } = "";
    }
}

// Stands for Orleans.Core.IStorage<TState>, Orleans.Runtime.IPersistentState<TState>, Orleans.Runtime.PersistentStateAttribute
// and what makes the former out of the latter for a constructor parameter.
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Core;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansKv.LocalRuntime;

namespace Orleans.Core
{
    public interface IStorage
    {
        string? Etag { get; }

        bool RecordExists { get; }

        Task ClearStateAsync();

        Task ReadStateAsync();

        Task WriteStateAsync();
    }

    public interface IStorage<TState> : IStorage
    {
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    public interface IPersistentState<TState> : IStorage<TState>
    {
    }

    /// <summary>Marks the constructor parameter that a stored state is given in; it is read before the grain activates.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public sealed class PersistentStateAttribute(string stateName, string? storageName = null) : Attribute
    {
        public string StateName { get; } = stateName;

        public string? StorageName { get; } = storageName;
    }
}

namespace OrleansKv.LocalRuntime
{
    internal static class PersistentState
    {
        /// <summary>The state that <paramref name="attribute"/> describes, subscribed to the activation's life cycle.</summary>
        public static object Create(Type parameterType, PersistentStateAttribute attribute, IGrainContext context)
        {
            var storageName = attribute.StorageName ?? GrainStorageNames.Default;
            var storage = context.ActivationServices.GetKeyedService<IGrainStorage>(storageName)
                ?? throw new InvalidOperationException($"No grain storage named '{storageName}' is registered.");
            var stateType = typeof(PersistentState<>).MakeGenericType(parameterType.GetGenericArguments()[0]);
            return Activator.CreateInstance(stateType, attribute.StateName, context, storage)!;
        }
    }

    internal sealed class PersistentState<TState> : IPersistentState<TState>
    {
        private readonly string _name;
        private readonly IGrainContext _context;
        private readonly IGrainStorage _storage;
        private readonly GrainState<TState> _state = new(Activator.CreateInstance<TState>());

        public PersistentState(string name, IGrainContext context, IGrainStorage storage)
        {
            _name = name;
            _context = context;
            _storage = storage;
            context.ObservableLifecycle.Subscribe(name, GrainLifecycleStage.SetupState, _ => ReadStateAsync());
        }

        public TState State
        {
            get => _state.State;
            set => _state.State = value;
        }

        public string? Etag => _state.ETag;

        public bool RecordExists => _state.RecordExists;

        public Task ReadStateAsync() => _storage.ReadStateAsync(_name, _context.GrainId, _state);

        public Task WriteStateAsync() => _storage.WriteStateAsync(_name, _context.GrainId, _state);

        public Task ClearStateAsync() => _storage.ClearStateAsync(_name, _context.GrainId, _state);
    }
}

// Stands for Orleans.GrainFactory, Orleans.ClusterClient and the client inside a silo: all make references to one runtime.
using Orleans;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

internal sealed class ClusterClient(Func<ICallRuntime> connection, IServiceProvider services) : IClusterClient
{
    public IServiceProvider ServiceProvider => services;

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Reference<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey =>
        Reference<TGrainInterface>(IdSpan.Create(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Reference<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable =>
        Reference<TGrainInterface>(connection(), grainId);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        if (obj is GrainReference)
            throw new ArgumentException("The argument is already a reference.", nameof(obj));
        var runtime = connection();
        return Reference<TGrainObserverInterface>(runtime, runtime.Observers.Add(obj));
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver =>
        connection().Observers.Remove(obj.GetGrainId());

    private static T Reference<T>(ICallRuntime runtime, GrainId grainId) =>
        (T)(object)GrainReference.Create(runtime, grainId, typeof(T));

    private T Reference<T>(IdSpan key, string? classNamePrefix)
    {
        var runtime = connection();
        return Reference<T>(runtime, new(runtime.Manifest.Find(typeof(T), classNamePrefix), key));
    }
}

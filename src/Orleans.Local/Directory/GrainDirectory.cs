// Stands for Orleans.Runtime.GrainDirectory.DistributedGrainDirectory, LocalGrainDirectory's cache and Orleans.Runtime.GrainLocator.
using System.Collections.Concurrent;
using Orleans.Runtime;

namespace OrleansKv.LocalRuntime;

/// <summary>Where a call to a grain goes, and whether the grain was only placed there and is activated by the call.</summary>
internal sealed record GrainPlace(SiloAddress Silo, bool MayActivate);

/// <summary>
/// Finds grains. A registration is looked up at its owner, on whatever silo that is, and remembered until a call finds it wrong or the
/// silo is gone. A grain without one is placed; concurrent calls of one silo share one search, so that they agree on the place.
/// </summary>
internal sealed class GrainDirectory(
    SiloAddress self, ClusterViews views, DirectoryPartition partition, LocalPlacement placement, Func<SiloAddress, object, Task<object?>> ask)
{
    private const int MaxTries = 10;
    private const int MaxCached = 100_000;

    /// <summary>How long a try waits for the view to change after the owner of a registration could not be asked.</summary>
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<GrainId, GrainPlace> _cache = new();
    private readonly ConcurrentDictionary<GrainId, Lazy<Task<GrainPlace>>> _searches = new();

    public bool TryGetCached(GrainId grain, out GrainPlace place) => _cache.TryGetValue(grain, out place!);

    public void Learn(GrainId grain, GrainPlace place)
    {
        if (_cache.Count > MaxCached)
            _cache.Clear();
        _cache[grain] = place;
    }

    /// <summary>The grain was not there, or a place where it was is gone.</summary>
    public void Forget(GrainId grain, SiloAddress silo)
    {
        if (_cache.TryGetValue(grain, out var place) && place.Silo.Equals(silo))
            _cache.TryRemove(new(grain, place));
    }

    public void ForgetSilos(Func<SiloAddress, bool> isGone)
    {
        foreach (var entry in _cache)
        {
            if (isGone(entry.Value.Silo))
                _cache.TryRemove(entry);
        }
    }

    public async Task<GrainPlace> FindAsync(GrainId grain, GrainClass grainClass, Type interfaceType)
    {
        if (_cache.TryGetValue(grain, out var place))
            return place;
        var search = _searches.GetOrAdd(grain, static (grain, state) =>
            new(() => state.Directory.SearchAsync(grain, state.Class, state.Interface)),
            (Directory: this, Class: grainClass, Interface: interfaceType));
        try
        {
            return await search.Value;
        }
        finally
        {
            _searches.TryRemove(new(grain, search));
        }
    }

    /// <summary>Registers an activation of this silo; returns the registration that holds, which may be another's.</summary>
    public async Task<Registration> RegisterAsync(Registration registration)
    {
        while (true)
        {
            var view = views.Current;
            var holding = await AskOwnerAsync(registration.Grain, version => new RegisterQuestion(registration, version));
            // What was registered while the view changed may be with an owner that is none any more.
            bool isSettled = Equals(view.Ring.OwnerOf(registration.Grain), views.Current.Ring.OwnerOf(registration.Grain));
            if (isSettled || holding!.Activation != registration.Activation)
                return holding!;
        }
    }

    /// <summary>One that cannot be unregistered is found out by the calls that miss it.</summary>
    public async Task UnregisterAsync(Registration registration)
    {
        Forget(registration.Grain, self);
        try
        {
            if (views.Current.Ring.OwnerOf(registration.Grain) is { } owner)
                await AskAsync(owner, new UnregisterQuestion(registration));
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
        }
    }

    /// <summary>Answers another silo, or this one.</summary>
    public async Task<object?> AnswerAsync(object question)
    {
        switch (question)
        {
            case LookupQuestion lookup:
                return await partition.LookupAsync(lookup.Grain, lookup.ViewVersion);
            case RegisterQuestion register:
                return await partition.RegisterAsync(register.Registration, register.ViewVersion);
            case UnregisterQuestion unregister:
                partition.Unregister(unregister.Registration);
                return null;
            default:
                throw new OrleansException($"A question that nobody answers: {question.GetType()}.");
        }
    }

    private async Task<GrainPlace> SearchAsync(GrainId grain, GrainClass grainClass, Type interfaceType)
    {
        // A lazy task begins on a thread that runs somebody's turn, and must not go on there.
        await Task.Yield();
        var registration = await AskOwnerAsync(grain, version => new LookupQuestion(grain, version));
        var place = registration is not null
            ? new GrainPlace(registration.Silo, MayActivate: registration.Silo.Equals(self))
            : new(await placement.PlaceAsync(grainClass, grain, interfaceType), MayActivate: true);
        Learn(grain, place);
        return place;
    }

    private async Task<Registration?> AskOwnerAsync(GrainId grain, Func<long, object> question)
    {
        for (int tries = 1; ; tries++)
        {
            var view = views.Current;
            var owner = view.Ring.OwnerOf(grain) ?? throw new SiloUnavailableException("The cluster has no active silo.");
            try
            {
                var answer = (DirectoryAnswer)(await AskAsync(owner, question(view.Version)))!;
                if (answer.IsOwner)
                    return answer.Registration;
                if (tries == MaxTries)
                    throw new OrleansException($"The owner of the registration of {grain} was not found in {MaxTries} tries.");
                await views.WaitForAsync(Math.Max(answer.ViewVersion, view.Version), RetryInterval);
            }
            catch (SiloUnavailableException) when (tries < MaxTries)
            {
                await views.WaitForChangeAsync(view, RetryInterval);
            }
        }
    }

    private Task<object?> AskAsync(SiloAddress silo, object question) => silo.Equals(self) ? AnswerAsync(question) : ask(silo, question);
}

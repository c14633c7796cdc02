// Stands for Orleans.Runtime.IGrainContext (the members that code above the line uses) and Orleans.Runtime.IGrainLifecycle.
namespace Orleans.Runtime;

/// <summary>One activation, as its grain sees it.</summary>
public interface IGrainContext
{
    GrainReference GrainReference { get; }

    GrainId GrainId { get; }

    object? GrainInstance { get; }

    /// <summary>A service scope that lives as long as the activation.</summary>
    IServiceProvider ActivationServices { get; }

    IGrainLifecycle ObservableLifecycle { get; }

    /// <summary>Completes when the activation is gone.</summary>
    Task Deactivated { get; }

    /// <summary>Asks for deactivation once the running calls are done; calls that have not begun go to the next activation.</summary>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}

/// <summary>The stages an activation goes through; see <see cref="GrainLifecycleStage"/>.</summary>
public interface IGrainLifecycle : ILifecycleObservable
{
}

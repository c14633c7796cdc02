// Stands for what Orleans generates for each method of a grain interface (Orleans.Runtime.Request and its kin): how to copy its
// arguments, how to invoke it, and what it may interleave with.
using System.Collections.Concurrent;
using System.Reflection;
using Orleans;
using Orleans.Concurrency;

namespace OrleansKv.LocalRuntime;

internal sealed class InvokableMethod
{
    private static readonly ConcurrentDictionary<MethodInfo, InvokableMethod> Known = new();

    private readonly MethodInfo _method;
    private readonly bool[] _copiesArgument;
    private readonly bool _copiesResult;

    private InvokableMethod(MethodInfo method)
    {
        _method = method;
        _copiesArgument = [.. method.GetParameters().Select(parameter => !parameter.IsDefined(typeof(ImmutableAttribute)))];
        _copiesResult = !method.ReturnParameter.IsDefined(typeof(ImmutableAttribute), inherit: false);
        Shape = ReturnShape.Of(method.ReturnType);
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        IsOneWay = method.ReturnType == typeof(void) || method.IsDefined(typeof(OneWayAttribute));
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
    }

    public ReturnShape Shape { get; }

    public Type InterfaceType => _method.DeclaringType!;

    public bool AlwaysInterleave { get; }

    public bool IsReadOnly { get; }

    public bool IsOneWay { get; }

    public TimeSpan? ResponseTimeout { get; }

    public static InvokableMethod Of(MethodInfo method) => Known.GetOrAdd(method, static method => new(method));

    public object?[] CopyArguments(object?[] arguments)
    {
        var copies = new object?[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
            copies[i] = _copiesArgument[i] ? ValueCopier.Copy(arguments[i]) : arguments[i];
        return copies;
    }

    /// <summary>Runs the method to its end and copies its result.</summary>
    public async Task<object?> InvokeAsync(object target, object?[] arguments)
    {
        object? returned = _method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        object? result = await Shape.AwaitAsync(returned);
        return _copiesResult ? ValueCopier.Copy(result) : result;
    }

    public override string ToString() => $"{InterfaceType.Name}.{_method.Name}";
}

// Stands for what Orleans generates for each method of a grain interface (Orleans.Runtime.Request and its kin): how to copy its
// arguments, how to write and read them, how to invoke it, and what it may interleave with.
using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using Orleans;
using Orleans.Concurrency;

namespace OrleansKv.LocalRuntime;

internal sealed class InvokableMethod
{
    private static readonly ConcurrentDictionary<MethodInfo, InvokableMethod> Known = new();

    private readonly MethodInfo _method;
    private readonly bool[] _copiesArgument;
    private readonly bool _copiesResult;
    private readonly int _tokenIndex;
    private readonly Lazy<ArgumentCodec[]> _argumentCodecs;
    private readonly Lazy<ArgumentCodec?> _resultCodec;

    private InvokableMethod(MethodInfo method)
    {
        var parameters = method.GetParameters();
        _method = method;
        _copiesArgument = [.. parameters.Select(parameter => !parameter.IsDefined(typeof(ImmutableAttribute)))];
        _copiesResult = !method.ReturnParameter.IsDefined(typeof(ImmutableAttribute), inherit: false);
        _tokenIndex = Array.FindIndex(parameters, parameter => parameter.ParameterType == typeof(CancellationToken));
        _argumentCodecs = new(() => [.. parameters.Select(parameter => ArgumentCodec.Of(parameter.ParameterType))]);
        _resultCodec = new(() => method.ReturnType.IsGenericType ? ArgumentCodec.Of(method.ReturnType.GetGenericArguments()[0]) : null);
        Shape = ReturnShape.Of(method.ReturnType);
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute));
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute));
        IsOneWay = method.ReturnType == typeof(void) || method.IsDefined(typeof(OneWayAttribute));
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        Id = IdOf(method);
    }

    public ReturnShape Shape { get; }

    public Type InterfaceType => _method.DeclaringType!;

    /// <summary>What the method is on the wire: a hash of the aliases, or names, of its interface and itself.</summary>
    public ulong Id { get; }

    /// <summary>Whether the method is of a grain of the runtime itself.</summary>
    public bool IsOfRuntime => InterfaceType.Assembly == typeof(InvokableMethod).Assembly;

    public bool AlwaysInterleave { get; }

    public bool IsReadOnly { get; }

    public bool IsOneWay { get; }

    public TimeSpan? ResponseTimeout { get; }

    public static InvokableMethod Of(MethodInfo method) => Known.GetOrAdd(method, static method => new(method));

    public static ulong IdOf(MethodInfo method)
    {
        string name = method.GetCustomAttribute<AliasAttribute>()?.Alias
            ?? $"{method.Name}({string.Join(',', method.GetParameters().Select(parameter => parameter.ParameterType))})";
        return StableHash.Add(StableHash.Start, Encoding.UTF8.GetBytes($"{WireTypes.SimpleNameOf(method.DeclaringType!)}/{name}"));
    }

    public object?[] CopyArguments(object?[] arguments)
    {
        var copies = new object?[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
            copies[i] = _copiesArgument[i] ? ValueCopier.Copy(arguments[i]) : arguments[i];
        return copies;
    }

    /// <summary>The argument that is a cancellation token.</summary>
    public CancellationToken? FindToken(object?[] arguments) => _tokenIndex < 0 ? null : (CancellationToken)arguments[_tokenIndex]!;

    public void WriteArguments(WireWriter writer, object?[] arguments)
    {
        var codecs = _argumentCodecs.Value;
        for (int i = 0; i < codecs.Length; i++)
        {
            if (i != _tokenIndex)
                codecs[i].Write(writer, arguments[i]);
        }
    }

    /// <summary>Reads the arguments; a cancellation token does not cross, and gets a source here.</summary>
    public object?[] ReadArguments(WireReader reader, out CancellationTokenSource? cancellation)
    {
        cancellation = _tokenIndex < 0 ? null : new();
        var codecs = _argumentCodecs.Value;
        var arguments = new object?[codecs.Length];
        for (int i = 0; i < codecs.Length; i++)
            arguments[i] = i == _tokenIndex ? cancellation!.Token : codecs[i].Read(reader);
        return arguments;
    }

    public void WriteResult(WireWriter writer, object? result) => _resultCodec.Value?.Write(writer, result);

    public object? ReadResult(WireReader reader) => _resultCodec.Value?.Read(reader);

    /// <summary>Runs the method to its end and copies its result, unless that is about to be written anyway.</summary>
    public async Task<object?> InvokeAsync(object target, object?[] arguments, bool copiesResult)
    {
        object? returned = _method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        object? result = await Shape.AwaitAsync(returned);
        return copiesResult && _copiesResult ? ValueCopier.Copy(result) : result;
    }

    public override string ToString() => $"{InterfaceType.Name}.{_method.Name}";
}

/// <summary>A codec by the declared type of a parameter or result, whose values travel boxed.</summary>
internal abstract class ArgumentCodec
{
    private static readonly ConcurrentDictionary<Type, ArgumentCodec> Known = new();

    public static ArgumentCodec Of(Type type) => Known.GetOrAdd(type, static type => type == typeof(CancellationToken)
        ? new Nothing()
        : (ArgumentCodec)Activator.CreateInstance(typeof(Boxed<>).MakeGenericType(type))!);

    public abstract void Write(WireWriter writer, object? value);

    public abstract object? Read(WireReader reader);

    private sealed class Boxed<T> : ArgumentCodec
    {
        private readonly Codec<T> _codec = Codecs.Of<T>();

        public override void Write(WireWriter writer, object? value) => _codec.Write(writer, (T)value!);

        public override object? Read(WireReader reader) => _codec.Read(reader);
    }

    private sealed class Nothing : ArgumentCodec
    {
        public override void Write(WireWriter writer, object? value)
        {
        }

        public override object? Read(WireReader reader) => null;
    }
}

// Stands for Orleans.Serialization.DeepCopier: what a value is after it crossed a grain interface.
using System.Collections.Concurrent;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// Copies arguments, results and stored states as a serializer would: a type that has none is refused, and of a type that has one
/// only the members with an [Id] (and the parameters of a record) arrive. One object met twice stays one object.
/// </summary>
internal static class ValueCopier
{
    private delegate object Copier(object value, CopyContext context);

    private static readonly ConcurrentDictionary<Type, Copier?> Copiers = new();

    private static readonly HashSet<Type> Shared =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan),
        typeof(Guid), typeof(Uri), typeof(Version), typeof(IPAddress), typeof(IPEndPoint), typeof(CancellationToken),
    ];

    public static object? Copy(object? value) => value is null || IsShared(value.GetType()) ? value : new CopyContext().Copy(value);

    /// <summary>Whether values of the type may be passed as they are.</summary>
    private static bool IsShared(Type type) => Copiers.GetOrAdd(type, FindCopier) is null;

    /// <summary>The copier of a type; null if its values cannot change.</summary>
    private static Copier? FindCopier(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || Shared.Contains(type) || type.IsDefined(typeof(ImmutableAttribute), inherit: false)
            || type.IsAssignableTo(typeof(GrainReference)) || type.IsAssignableTo(typeof(Exception)) || type.IsAssignableTo(typeof(Type)))
            return null;
        if (type.IsArray)
            return ArrayCopier(type.GetElementType()!);
        if (type.IsGenericType && GenericCopier(type) is { } generic)
            return generic;
        return type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)
            ? MemberCopier(type)
            : throw new CodecNotFoundException($"Could not find a copier for type {type}.");
    }

    private static Copier ArrayCopier(Type element)
    {
        if (IsShared(element) && element.IsSealed)
            return static (value, context) => context.Record(value, ((Array)value).Clone());
        return (value, context) =>
        {
            var source = (Array)value;
            var copy = (Array)context.Record(value, Array.CreateInstance(element, source.Length));
            for (int i = 0; i < source.Length; i++)
                copy.SetValue(context.Copy(source.GetValue(i)), i);
            return copy;
        };
    }

    private static Copier? GenericCopier(Type type)
    {
        var definition = type.GetGenericTypeDefinition();
        var name = definition == typeof(List<>) ? nameof(CopyList)
            : definition == typeof(HashSet<>) ? nameof(CopySet)
            : definition == typeof(Dictionary<,>) ? nameof(CopyDictionary)
            : null;
        if (name is not null)
        {
            var method = typeof(ValueCopier).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!;
            return method.MakeGenericMethod(type.GetGenericArguments()).CreateDelegate<Copier>();
        }

        return SerializedMembers.IsTuple(type) ? MemberCopier(type) : null;
    }

    private static List<T> CopyList<T>(object value, CopyContext context)
    {
        var source = (List<T>)value;
        var copy = (List<T>)context.Record(value, new List<T>(source.Count));
        foreach (var item in source)
            copy.Add((T)context.Copy(item)!);
        return copy;
    }

    private static HashSet<T> CopySet<T>(object value, CopyContext context)
    {
        var source = (HashSet<T>)value;
        var copy = (HashSet<T>)context.Record(value, new HashSet<T>(source.Count, source.Comparer));
        foreach (var item in source)
            copy.Add((T)context.Copy(item)!);
        return copy;
    }

    private static Dictionary<TKey, TValue> CopyDictionary<TKey, TValue>(object value, CopyContext context)
        where TKey : notnull
    {
        var source = (Dictionary<TKey, TValue>)value;
        var copy = (Dictionary<TKey, TValue>)context.Record(value, new Dictionary<TKey, TValue>(source.Count, source.Comparer));
        foreach (var (key, item) in source)
            copy.Add((TKey)context.Copy(key)!, (TValue)context.Copy(item)!);
        return copy;
    }

    private static Copier MemberCopier(Type type) =>
        FieldCopier(type, [.. SerializedMembers.LevelsOf(type).SelectMany(level => level).Select(member => member.Field)]);

    private static Copier FieldCopier(Type type, FieldInfo[] fields) => (value, context) =>
    {
        var copy = RuntimeHelpers.GetUninitializedObject(type);
        if (!type.IsValueType)
            context.Record(value, copy);
        foreach (var field in fields)
        {
            var member = field.GetValue(value);
            field.SetValue(copy, field.IsDefined(typeof(ImmutableAttribute)) ? member : context.Copy(member));
        }

        return copy;
    };

    /// <summary>One copying: remembers the objects copied so far.</summary>
    private sealed class CopyContext
    {
        private readonly Dictionary<object, object> _copies = new(ReferenceEqualityComparer.Instance);

        public object Record(object original, object copy)
        {
            _copies[original] = copy;
            return copy;
        }

        public object? Copy(object? value)
        {
            if (value is null || Copiers.GetOrAdd(value.GetType(), FindCopier) is not { } copier)
                return value;
            return _copies.TryGetValue(value, out var known) ? known : copier(value, this);
        }
    }
}

// Stands for Orleans.Serialization.TypeSystem.TypeConverter and Orleans.Serialization.Configuration.TypeManifestOptions.
using System.Collections.Concurrent;
using System.Reflection;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization;

namespace OrleansKv.LocalRuntime;

/// <summary>
/// The names of types on the wire. Only types that are marked [GenerateSerializer], those with a codec here and collections of them have
/// one: no name from the wire loads an assembly or makes an object of any other type. An alias comes before the full name. A generic type
/// is written <c>name&lt;argument,argument&gt;</c>, an array <c>element[]</c>.
/// </summary>
internal static class WireTypes
{
    private const string ReferenceName = "GrainReference";
    private const string ExceptionName = "Exception";
    private const int MaxNameLength = 2000;

    /// <summary>Names found so far; generic types from the wire are endless, and so are found again each time beyond this many.</summary>
    private const int MaxCachedNames = 10_000;

    private static readonly Type[] BuiltIn =
    [
        .. BasicCodecs.Types, typeof(object), typeof(List<>), typeof(HashSet<>), typeof(Dictionary<,>), typeof(KeyValuePair<,>),
        typeof(ValueTuple<>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>), typeof(ValueTuple<,,,,>),
        typeof(Tuple<>), typeof(Tuple<,>), typeof(Tuple<,,>), typeof(Tuple<,,,>), typeof(Tuple<,,,,>), typeof(Nullable<>),
    ];

    private static readonly ConcurrentDictionary<Type, string> Names = new();
    private static readonly ConcurrentDictionary<string, Content> Contents = new();
    private static Lazy<Dictionary<string, Type>> s_types = new(Collect);
    private static Lazy<Dictionary<ulong, MethodInfo>> s_methods = new(CollectMethods);
    private static volatile bool s_isStale;

    static WireTypes() => AppDomain.CurrentDomain.AssemblyLoad += (_, _) => s_isStale = true;

    public static string NameOf(Type type) => Names.GetOrAdd(type, MakeName);

    /// <summary>What reads an object that was written with the name.</summary>
    public static Content ContentNamed(string name)
    {
        if (Contents.TryGetValue(name, out var content))
            return content;
        content = name switch
        {
            ReferenceName => Codecs.ContentOf(typeof(GrainReference)),
            ExceptionName => Codecs.ContentOf(typeof(Exception)),
            _ => Codecs.ContentOf(Find(name)),
        };
        if (Contents.Count < MaxCachedNames)
            Contents.TryAdd(name, content);
        return content;
    }

    /// <summary>A type marked to cross, or a grain interface, by its alias or full name.</summary>
    public static Type? FindMarked(string name)
    {
        if (!s_types.Value.TryGetValue(name, out var type) && LooksAgain())
            s_types.Value.TryGetValue(name, out type);
        return type;
    }

    /// <summary>A method of a grain interface by its <see cref="InvokableMethod.Id"/>.</summary>
    public static InvokableMethod? FindMethod(ulong id)
    {
        if (!s_methods.Value.TryGetValue(id, out var method) && LooksAgain())
            s_methods.Value.TryGetValue(id, out method);
        return method is null ? null : InvokableMethod.Of(method);
    }

    public static string SimpleNameOf(Type type) => type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias ?? type.FullName!;

    private static string MakeName(Type type)
    {
        if (type.IsAssignableTo(typeof(GrainReference)))
            return ReferenceName;
        if (type.IsAssignableTo(typeof(Exception)))
            return ExceptionName;
        if (type.IsSZArray)
            return NameOf(type.GetElementType()!) + "[]";
        if (!type.IsGenericType)
            return SimpleNameOf(type);
        return $"{SimpleNameOf(type.GetGenericTypeDefinition())}<{string.Join(',', type.GetGenericArguments().Select(NameOf))}>";
    }

    private static Type Find(string name)
    {
        if (name.Length > MaxNameLength)
            throw new SerializerException($"A type name of {name.Length} characters.");
        int position = 0;
        var type = Parse(name, ref position, depth: 0);
        return type is not null && position == name.Length
            ? type
            : throw new CodecNotFoundException($"Type '{name}' is unknown, or not one that crosses grain interfaces.");
    }

    private static Type? Parse(string name, ref int position, int depth)
    {
        int start = position;
        int length = name.AsSpan(start).IndexOfAny("<>,[");
        position = length < 0 ? name.Length : start + length;
        var type = depth > WireWriter.MaxDepth ? null : FindMarked(name[start..position]);
        if (type is not null && position < name.Length && name[position] == '<')
            type = ParseArguments(type, name, ref position, depth);
        while (type is not null && name.AsSpan(position).StartsWith("[]"))
        {
            type = type.MakeArrayType();
            position += 2;
        }

        return type is { ContainsGenericParameters: true } ? null : type;
    }

    private static Type? ParseArguments(Type definition, string name, ref int position, int depth)
    {
        var arguments = new List<Type>();
        do
        {
            position++;
            if (Parse(name, ref position, depth + 1) is not { } argument)
                return null;
            arguments.Add(argument);
        }
        while (position < name.Length && name[position] == ',');

        if (position == name.Length || name[position++] != '>' || !definition.IsGenericTypeDefinition
            || definition.GetGenericArguments().Length != arguments.Count)
            return null;
        try
        {
            return definition.MakeGenericType([.. arguments]);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether assemblies have been loaded since the tables were made; they are made anew.</summary>
    private static bool LooksAgain()
    {
        if (!s_isStale)
            return false;
        s_isStale = false;
        s_types = new(Collect);
        s_methods = new(CollectMethods);
        return true;
    }

    private static Dictionary<ulong, MethodInfo> CollectMethods()
    {
        var found = new Dictionary<ulong, MethodInfo>();
        var methods = s_types.Value.Values.Distinct()
            .Where(type => type.IsInterface && !type.ContainsGenericParameters)
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Where(method => !method.ContainsGenericParameters);
        foreach (var method in methods)
        {
            if (!found.TryAdd(InvokableMethod.IdOf(method), method))
                throw new InvalidOperationException($"Method {method.DeclaringType}.{method} shares its alias with another.");
        }

        return found;
    }

    private static Dictionary<string, Type> Collect()
    {
        var found = BuiltIn.ToDictionary(SimpleNameOf);
        var marked = ApplicationAssemblies.Find().Append(typeof(WireTypes).Assembly)
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)
                || (type.IsInterface && type.IsAssignableTo(typeof(IAddressable))));
        foreach (var type in marked)
        {
            found[type.FullName!] = type;
            foreach (var alias in type.GetCustomAttributes<AliasAttribute>(inherit: false))
                found[alias.Alias] = type;
        }

        return found;
    }
}

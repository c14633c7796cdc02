// Stands for Orleans.CodeGenerator's choice of the members of a type that cross.
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;

namespace OrleansKv.LocalRuntime;

internal static class SerializedMembers
{
    /// <summary>Members of a record that have no [Id] of their own are numbered from here, in the order of its parameters.</summary>
    private const uint FirstParameterId = 1 << 20;

    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    public static bool IsTuple(Type type) => type.IsGenericType
        && (type.IsAssignableTo(typeof(ITuple)) || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>));

    /// <summary>The fields that cross, for each class from the most basic one on, by their number in that class.</summary>
    public static (uint Id, FieldInfo Field)[][] LevelsOf(Type type)
    {
        if (IsTuple(type))
            return [[.. type.GetFields(Declared).Select((field, index) => ((uint)index, field))]];
        var levels = new List<(uint, FieldInfo)[]>();
        for (var declaring = type; declaring is not null && declaring != typeof(object) && declaring != typeof(ValueType)
            && declaring != typeof(Exception); declaring = declaring.BaseType)
        {
            if (declaring == type || declaring.IsDefined(typeof(GenerateSerializerAttribute), inherit: false))
                levels.Insert(0, [.. FieldsOf(declaring).OrderBy(member => member.Item1)]);
        }

        return [.. levels];
    }

    /// <summary>The fields with an [Id], those behind properties with one, and those behind the parameters of a record.</summary>
    private static IEnumerable<(uint Id, FieldInfo Field)> FieldsOf(Type type)
    {
        bool isRecord = type.GetMethod("<Clone>$", Declared) is not null || type.GetMethod("PrintMembers", Declared) is not null;
        var parameters = isRecord
            ? type.GetConstructors(Declared).OrderByDescending(constructor => constructor.GetParameters().Length)
                .Select(constructor => constructor.GetParameters().Select(parameter => parameter.Name).ToList()).FirstOrDefault() ?? []
            : [];
        foreach (var property in type.GetProperties(Declared))
        {
            int index = parameters.IndexOf(property.Name);
            uint? id = property.GetCustomAttribute<IdAttribute>()?.Id ?? (index < 0 ? null : FirstParameterId + (uint)index);
            if (id is not null && type.GetField($"<{property.Name}>k__BackingField", Declared) is { } backing)
                yield return (id.Value, backing);
        }

        foreach (var field in type.GetFields(Declared))
        {
            if (field.GetCustomAttribute<IdAttribute>() is { } attribute)
                yield return (attribute.Id, field);
        }
    }
}

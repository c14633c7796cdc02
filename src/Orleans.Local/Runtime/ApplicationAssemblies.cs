// Stands for Orleans.ApplicationPartAttribute, by which Orleans knows the assemblies of an application.
using System.Reflection;

namespace OrleansKv.LocalRuntime;

/// <summary>The assemblies that refer to this one: those that are loaded, and those that they refer to.</summary>
internal static class ApplicationAssemblies
{
    public static HashSet<Assembly> Find()
    {
        var self = typeof(ApplicationAssemblies).Assembly.GetName().Name;
        var found = new HashSet<Assembly>();
        // Assemblies made at run time hold proxies, some perhaps half made, and nothing of an application.
        var pending = new Stack<Assembly>(AppDomain.CurrentDomain.GetAssemblies()
            .Where(assembly => !assembly.IsDynamic && !IsForeign(assembly.GetName())));
        var seen = pending.Select(assembly => assembly.GetName().Name).ToHashSet();
        while (pending.TryPop(out var assembly))
        {
            var references = assembly.GetReferencedAssemblies();
            if (!references.Any(reference => reference.Name == self))
                continue;
            found.Add(assembly);
            foreach (var reference in references.Where(reference => !IsForeign(reference) && seen.Add(reference.Name)))
                pending.Push(Assembly.Load(reference));
        }

        return found;
    }

    private static bool IsForeign(AssemblyName name) =>
        name.Name is not { } text
        || text.StartsWith("System", StringComparison.Ordinal)
        || text.StartsWith("Microsoft.", StringComparison.Ordinal);
}

using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;

namespace VfioPm.AnyCalls;

/// <summary>Finds all of a host that can be reached by public properties.</summary>
internal static class Crawl
{
    // Hosts are used on several threads at once.
    private static readonly ConcurrentDictionary<Type, Func<object, object?>[]> Edges = [];

    public static IEnumerable<object> From(object root)
    {
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance) { root };
        Queue<object> left = new([root]);
        while (left.TryDequeue(out object? one))
        {
            yield return one;
            foreach (Func<object, object?> edge in EdgesOf(one.GetType()))
            {
                object? next = Follow(edge, one);
                foreach (object inner in next as IEnumerable<object> ?? (next is null ? [] : [next]))
                {
                    if (seen.Add(inner))
                    {
                        left.Enqueue(inner);
                    }
                }
            }
        }
    }

    private static object? Follow(Func<object, object?> edge, object from)
    {
        try
        {
            return edge(from);
        }
        catch (InvalidOperationException)
        {
            // Such as the one device of a guest that has two.
            return null;
        }
    }

    private static Func<object, object?>[] EdgesOf(Type type)
    {
        if (!Edges.TryGetValue(type, out Func<object, object?>[]? edges))
        {
            edges = [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(static property => property.GetIndexParameters().Length == 0 && property.CanRead && LeadsOn(property.PropertyType))
                .OrderBy(static property => property.Name, StringComparer.Ordinal)
                .Select(static property => Compile(property))];
            Edges[type] = edges;
        }

        return edges;
    }

    /// <summary>To objects of the model that live; not to values, entries of traces and lines of logs.</summary>
    private static bool LeadsOn(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)
        ? LeadsOn(type.GetGenericArguments()[0])
        : type is { IsClass: true, IsAbstract: false } && type.Assembly == typeof(SimulatedHost).Assembly && type.GetMethod("<Clone>$") is null;

    private static Func<object, object?> Compile(PropertyInfo property)
    {
        ParameterExpression owner = Expression.Parameter(typeof(object));
        return Expression.Lambda<Func<object, object?>>(
            Expression.Convert(Expression.Property(Expression.Convert(owner, property.DeclaringType!), property), typeof(object)), owner).Compile();
    }
}

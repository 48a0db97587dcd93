using System.Collections;

namespace VfioPm.Tests;

/// <summary>What kinds of things an object of the model holds.</summary>
internal static class Kinds
{
    /// <summary>A number, a text, a time: compared and changed as a whole.</summary>
    public static bool IsPlain(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan) || type == typeof(Guid)
        || (Nullable.GetUnderlyingType(type) is { } inner && IsPlain(inner));

    public static bool IsList(object value) =>
        value.GetType().IsArray || (value is IList && value.GetType().GetGenericTypeDefinition() == typeof(List<>));

    /// <summary>Whether an object of the class cannot change, nor anything that it leads to.</summary>
    public static bool IsUnchanging(Type type) => IsUnchanging(type, []);

    private static bool IsUnchanging(Type type, HashSet<Type> asked)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (IsPlain(plain) || typeof(IUnchanging).IsAssignableFrom(plain) || !asked.Add(plain)
            || typeof(Delegate).IsAssignableFrom(plain) || StateExceptions.Unchanging.ContainsKey(plain.Name))
        {
            return true;
        }

        if (plain.IsArray || plain.IsAbstract)
        {
            return false;
        }

        bool isOurs = plain.Assembly == typeof(SimulatedHost).Assembly || plain.Assembly == typeof(Kinds).Assembly;
        return isOurs && Slot.FieldsOf(plain).All(field => field.IsInitOnly && IsUnchanging(field.FieldType, asked));
    }
}

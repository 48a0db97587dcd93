using System.Globalization;
using System.Reflection;

namespace VfioPm.AnyCalls;

/// <summary>What came of a call.</summary>
/// <param name="Text">The call and what it gave, where somebody asked for it; what it gave, where the model answers for it.</param>
/// <param name="Refused">What refused the call, if something did.</param>
/// <param name="Problem">What is wrong with what came of it.</param>
internal sealed record Outcome(string Text, Exception? Refused = null, string? Problem = null)
{
    // What the framework says of a list, a dictionary or a number of its own: nobody meant the user to read it.
    private static readonly string[] NotMeant =
    [
        "Collection was modified", "Sequence contains", "Nullable object must", "Stack empty", "Queue empty", "enumeration",
        "An item with the same key", "concurrent", "Operations that change non-concurrent", "Index was", "Object reference",
    ];

    public static Outcome Nothing { get; } = new("");

    public static Outcome Of(World world, SurfaceMember member, object? receiver, object?[] arguments, bool hasNull, bool tells)
    {
        string told = "";
        try
        {
            told = tells ? Tell(member, receiver, arguments) : "";
            object? result = member.Call(receiver, arguments);
            foreach (object? one in result is object?[] several ? several : [result])
            {
                if (one is not null && one.GetType() is { IsValueType: false } type && type != typeof(string) && !type.IsArray)
                {
                    world.Keep(one);
                }
            }

            return tells ? new($"{told} → {Show(result)}") : Nothing;
        }
        catch (Exception thrown)
        {
            string? problem = IsDocumented(thrown, member, hasNull) ? null : $"{member.Name} threw {thrown.GetType().Name}\n{thrown}";
            return new(tells ? $"{told} → {thrown.GetType().Name}: {thrown.Message}" : "", thrown, problem);
        }
    }

    private static bool IsDocumented(Exception thrown, SurfaceMember member, bool hasNull)
    {
        if (Array.Exists(NotMeant, phrase => thrown.Message.Contains(phrase, StringComparison.Ordinal)))
        {
            return false;
        }

        return thrown switch
        {
            BusyException or InvalidOperationException => true,
            ArgumentNullException missing when hasNull => member.Parameters.Any(parameter => parameter.Name == missing.ParamName),
            ArgumentException { ParamName: { } name } => IsNamed(thrown, member) && Knows(member, name),
            _ => IsNamed(thrown, member),
        };
    }

    /// <summary>Whether the name says something to the caller: it is a parameter's, or of a part of one, or the property's.</summary>
    private static bool Knows(SurfaceMember member, string name)
    {
        const BindingFlags Named = BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase;
        return string.Equals(member.Method.Name, $"set_{name}", StringComparison.OrdinalIgnoreCase)
            || member.Method.DeclaringType!.GetProperty(name, Named) is not null
            || member.Method.GetParameters().Any(parameter =>
                string.Equals(parameter.Name, name, StringComparison.OrdinalIgnoreCase)
                || (parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType).GetProperty(name, Named) is not null);
    }

    private static bool IsNamed(Exception thrown, SurfaceMember member)
    {
        for (Type? type = thrown.GetType(); type != typeof(Exception) && type is not null; type = type.BaseType)
        {
            if (member.Exceptions.Contains(type.FullName!))
            {
                return true;
            }
        }

        return false;
    }

    private static string Tell(SurfaceMember member, object? receiver, object?[] arguments) =>
        $"{(receiver is null ? "" : $"[{Show(receiver)}] ")}{member.Name}({string.Join(", ", arguments.Select(Show))})";

    private static string Show(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        object?[] several => string.Join(", ", several.Select(Show)),
        byte[] bytes => $"{bytes.Length} bytes",
        Array array => $"{array.GetType().GetElementType()!.Name}[{array.Length}]",
        KernelThread or PendingCall => value.GetType().Name,
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        Delegate => "a callback",
        PciDevice or RuntimePmDevice or VfioPciDevice or IrqSetRecipe => $"{value.GetType().Name} {value}",
        _ when value.GetType().IsValueType => value.ToString()!,
        _ => value.GetType().Name,
    };
}

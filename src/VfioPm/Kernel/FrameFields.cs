using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.RegularExpressions;

namespace VfioPm;

/// <summary>A local of a kernel function that knows itself how it is forked and hashed: what the compiler adds.</summary>
internal interface IFrameLocal
{
    /// <summary>The same in the fork.</summary>
    object Fork(ForkContext fork);

    /// <summary>Adds what tells it apart.</summary>
    void AddTo(ref StateHash hash);
}

/// <summary>
/// An object of the model that kernel functions hold across an <c>await</c>: a number tells it apart from others of its
/// kind in the same host.
/// </summary>
internal interface INumbered : IForkable
{
    /// <summary>The number, the same in a fork.</summary>
    int Index { get; }
}

/// <summary>One whose number is its place among others, and changes as they go.</summary>
internal interface IPlaced : INumbered;

/// <summary>
/// The locals of a kernel function that lives across an <c>await</c>, by the fields of its state machine: how they are
/// copied into a fork, and hashed.
/// </summary>
internal sealed partial class FrameFields
{
    public const DynamicallyAccessedMemberTypes Members =
        DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFields;

    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly MethodInfo Clone =
        typeof(object).GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!;

    // Those of structs that are locals, by their types.
    private static readonly ConcurrentDictionary<Type, FrameFields> Structs = new();

    private readonly FieldInfo[] _fields;
    private readonly FieldInfo[] _references;

    private FrameFields(FieldInfo[] fields, string function)
    {
        _fields = fields;
        _references = [.. fields.Where(static field => MayDiffer(field.FieldType))];
        Function = function;
    }

    /// <summary>The function's name: "Rpm.Suspend".</summary>
    public string Function { get; }

    public static FrameFields Of([DynamicallyAccessedMembers(Members)] Type machine) =>
        new(machine.GetFields(All), NameOf(machine));

    /// <summary>Whether a local of this type can be copied into a fork; a field of the compiler's own is known by its name.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A test asks, with everything kept.")]
    public static bool CanFork(Type type, string field) =>
        !MayHoldReferences(type)
        || typeof(IFrameLocal).IsAssignableFrom(type)
        || typeof(INumbered).IsAssignableFrom(type)
        || typeof(IUnchanging).IsAssignableFrom(type)
        || type == typeof(string)
        || (type == typeof(object) && field.StartsWith('<'))
        || (type.IsValueType && Array.TrueForAll(type.GetFields(All), inner => CanFork(inner.FieldType, inner.Name)));

    /// <summary>The machine of the fork.</summary>
    public object Fork(object machine, ForkContext fork)
    {
        // A struct was copied when it became an object; a class, in unoptimized code, was not.
        return ForkFields(machine.GetType().IsValueType ? machine : Clone.Invoke(machine, null)!, fork);
    }

    /// <summary>Adds the function and its locals.</summary>
    /// <returns>Whether that is the same as long as the function waits: no local is an object whose state or place is added.</returns>
    public bool AddTo(object machine, ref StateHash hash)
    {
        hash.Add(Function);
        return AddFieldsTo(ref hash, machine);
    }

    private static object? ForkValue(object? value, FieldInfo field, ForkContext fork) => value switch
    {
        null or string or IUnchanging => value,
        IFrameLocal local => local.Fork(fork),
        IForkable forkable => fork.Of(forkable),
        ValueType => FieldsOf(value).ForkFields(value, fork),

        // An exception that a finally block will throw again.
        Exception => value,
        _ => throw Refusal(field, "cannot be copied into a fork"),
    };

    private static bool AddValueTo(ref StateHash hash, object? value, FieldInfo field)
    {
        switch (value)
        {
            case null:
                hash.Add(-1);
                break;
            case bool flag:
                hash.Add(flag);
                break;
            case string text:
                hash.Add(text);
                break;
            case TimeSpan time:
                hash.Add(time.Ticks);
                break;
            case ulong number:
                hash.Add((long)number);
                break;
            case Enum or sbyte or byte or short or ushort or int or uint or long:
                hash.Add(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case IFrameLocal local:
                local.AddTo(ref hash);
                return value is ValueType;
            case INumbered numbered:
                hash.Add(numbered.Index);
                return numbered is not IPlaced;
            case IUnchanging:
                hash.AddKindOf(value);
                break;
            case ValueType:
                return FieldsOf(value).AddFieldsTo(ref hash, value);
            case Exception:
                break;
            default:
                throw Refusal(field, "cannot be hashed");
        }

        return true;
    }

    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "The fields of structs that are locals of kept machines are kept with them.")]
    private static FrameFields FieldsOf(object value) => Structs.GetOrAdd(value.GetType(), static type => Of(type));

    private object ForkFields(object copy, ForkContext fork)
    {
        foreach (FieldInfo field in _references)
        {
            object? value = field.GetValue(copy);
            object? counterpart = ForkValue(value, field, fork);
            if (value is ValueType || counterpart != value)
            {
                field.SetValue(copy, counterpart);
            }
        }

        return copy;
    }

    private bool AddFieldsTo(ref StateHash hash, object holder)
    {
        bool stays = true;
        foreach (FieldInfo field in _fields)
        {
            stays &= AddValueTo(ref hash, field.GetValue(holder), field);
        }

        return stays;
    }

    /// <summary>Whether a local of this type may be another in a fork.</summary>
    private static bool MayDiffer(Type type) =>
        MayHoldReferences(type) && type != typeof(string) && !typeof(IUnchanging).IsAssignableFrom(type);

    private static bool MayHoldReferences(Type type) =>
        !type.IsPrimitive && !type.IsEnum && type != typeof(TimeSpan) && type != typeof(Guid);

    private static InvalidOperationException Refusal(FieldInfo field, string what) => new(
        $"{NameOf(field.DeclaringType!)} holds a {field.FieldType.Name} (\"{field.Name}\") where it waits, which {what}.");

    /// <summary>The compiler names the machine of <c>Suspend</c> "&lt;Suspend&gt;d__3", within the type of the function.</summary>
    private static string NameOf(Type machine) => MachineName().Match(machine.Name) is { Success: true } match
        ? $"{machine.DeclaringType?.Name}.{match.Groups[1].Value}"
        : machine.Name;

    [GeneratedRegex("^<(.+)>d")]
    private static partial Regex MachineName();
}

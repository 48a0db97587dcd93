using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace VfioPm.Tests;

/// <summary>A place in an object of the model that holds something: a field, a field of a struct in it, an element.</summary>
internal sealed record Slot(string Name, Type Type, bool IsReadOnly, Func<object?> Get, Action<object?> Set)
{
    private const BindingFlags All =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The fields of an object, those of its base classes too.</summary>
    public static IEnumerable<Slot> Of(object owner) => FieldsOf(owner.GetType()).Select(field => new Slot(
        $"{NameOf(field.DeclaringType!)}.{NameOf(field)}",
        field.FieldType,
        field.IsInitOnly,
        () => field.GetValue(owner),
        value => field.SetValue(owner, value)));

    /// <summary>The fields of the struct that is here. One that changes is a part that several classes have, with a name of its own.</summary>
    public IEnumerable<Slot> Parts() => FieldsOf(Get()!.GetType()).Select(field => new Slot(
        $"{(field.DeclaringType == typeof(SharedBytes) ? NameOf(field.DeclaringType) : Name)}.{NameOf(field)}",
        field.FieldType,
        IsReadOnly,
        () => field.GetValue(Get()),
        value =>
        {
            object box = RuntimeHelpers.GetObjectValue(Get())!;
            field.SetValue(box, value);
            Set(box);
        }));

    /// <summary>The elements of the array or list that is here.</summary>
    public IEnumerable<Slot> Elements()
    {
        var list = (IList)Get()!;
        Type element = list.GetType().IsArray ? list.GetType().GetElementType()! : list.GetType().GetGenericArguments()[0];
        return Enumerable.Range(0, list.Count).Select(index => new Slot(
            Name, element, IsReadOnly: false, () => list[index], value => list[index] = value));
    }

    /// <summary>The fields of a class, those of its base classes too.</summary>
    public static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (Type? declaring = type; declaring is not null && declaring != typeof(object); declaring = declaring.BaseType)
        {
            foreach (FieldInfo field in declaring.GetFields(All))
            {
                yield return field;
            }
        }
    }

    private static string NameOf(Type type) => type.IsGenericType ? type.Name.Split('`')[0] : type.Name;

    private static string NameOf(FieldInfo field) => field.Name switch
    {
        ['<', .. string name] when name.EndsWith(">k__BackingField", StringComparison.Ordinal) => name[..name.IndexOf('>', StringComparison.Ordinal)],
        ['<', .. string name] when name.EndsWith(">P", StringComparison.Ordinal) => name[..^2],
        string name => name,
    };
}

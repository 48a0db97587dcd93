using System.Collections;

namespace VfioPm.Tests;

/// <summary>A host and its fork, field by field: what differs, and what both of them hold.</summary>
internal sealed class ForkComparison
{
    private readonly Dictionary<object, object> _counterparts = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<(object Original, object Copy)> _toDo = new();
    private readonly SortedSet<string> _findings = [];

    public static IReadOnlyCollection<string> Compare(object original, object copy)
    {
        var comparison = new ForkComparison();
        comparison.Meet("it", original, copy);
        while (comparison._toDo.TryDequeue(out (object Original, object Copy) pair))
        {
            foreach ((Slot left, Slot right) in Slot.Of(pair.Original).Zip(Slot.Of(pair.Copy)))
            {
                comparison.Compare(left, right);
            }
        }

        return comparison._findings;
    }

    private void Compare(Slot left, Slot right)
    {
        if (!StateExceptions.NotCopied.ContainsKey(left.Name))
        {
            CompareValues(left, left.Get(), right, right.Get());
        }
    }

    private void CompareValues(Slot left, object? original, Slot right, object? copy)
    {
        if (original is null || copy is null)
        {
            Expect(left.Name, original is null && copy is null, "is not copied");
        }
        else if (original.GetType() != copy.GetType())
        {
            Expect(left.Name, false, $"is a {copy.GetType().Name} in the fork");
        }
        else if (Kinds.IsPlain(original.GetType()))
        {
            Expect(left.Name, original.Equals(copy), $"is {copy} in the fork and {original} in the host");
        }
        else if (StateExceptions.NotCopied.ContainsKey(original.GetType().Name))
        {
        }
        else if (original.GetType().IsValueType)
        {
            foreach ((Slot inner, Slot innerOfCopy) in left.Parts().Zip(right.Parts()))
            {
                Compare(inner, innerOfCopy);
            }
        }
        else if (original is Delegate || (ReferenceEquals(original, copy) && Kinds.IsUnchanging(original.GetType())))
        {
            Expect(left.Name, ReferenceEquals(original, copy), "is another one in the fork");
        }
        else if (IsCollection(original))
        {
            CompareCollections(left, (ICollection)original, right, (ICollection)copy);
        }
        else
        {
            Meet(left.Name, original, copy);
        }
    }

    private static bool IsCollection(object value) => value is ICollection;

    private void CompareCollections(Slot left, ICollection original, Slot right, ICollection copy)
    {
        Expect(left.Name, !ReferenceEquals(original, copy) || original.Count == 0, "is shared by host and fork");
        Expect(left.Name, original.Count == copy.Count, $"has {copy.Count} elements in the fork and {original.Count} in the host");
        if (Kinds.IsList(original))
        {
            foreach ((Slot element, Slot ofCopy) in left.Elements().Zip(right.Elements()))
            {
                CompareValues(element, element.Get(), ofCopy, ofCopy.Get());
            }
        }
        else
        {
            foreach ((object? element, object? ofCopy) in original.Cast<object?>().Zip(copy.Cast<object?>()))
            {
                CompareValues(Holding(left, element), element, Holding(right, ofCopy), ofCopy);
            }
        }
    }

    private static Slot Holding(Slot slot, object? value) => slot with { Get = () => value };

    private void Meet(string name, object original, object copy)
    {
        if (_counterparts.TryGetValue(original, out object? known))
        {
            Expect(name, ReferenceEquals(known, copy), $"leads to a second counterpart of one {original.GetType().Name}");
            return;
        }

        Expect(name, !ReferenceEquals(original, copy), $"({original.GetType().Name}) is shared by host and fork");
        _counterparts.Add(original, copy);
        if (!ReferenceEquals(original, copy))
        {
            _toDo.Enqueue((original, copy));
        }
    }

    private void Expect(string name, bool isSo, string otherwise)
    {
        if (!isSo)
        {
            _findings.Add($"{name} {otherwise}");
        }
    }
}

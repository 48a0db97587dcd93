using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace VfioPm.Tests;

/// <summary>Changes each field of each object of a host, one at a time, and looks whether the hash knows.</summary>
internal sealed class HashProbe
{
    private readonly HashSet<object> _known = new(ReferenceEqualityComparer.Instance);
    private readonly Queue<object> _toDo = new();
    private readonly List<Slot> _slots = [];
    private readonly SimulatedHost _host;
    private readonly ulong _before;

    public HashProbe(SimulatedHost host)
    {
        _host = host;
        Meet(host);
        while (_toDo.TryDequeue(out object? found))
        {
            foreach (Slot slot in Slot.Of(found))
            {
                Add(slot);
            }
        }

        _before = Hash();
    }

    /// <summary>What was changed.</summary>
    public SortedSet<string> Changed { get; } = [];

    /// <summary>What was changed and noticed.</summary>
    public SortedSet<string> Noticed { get; } = [];

    /// <summary>What was changed and noticed, and is as it was before in a fork.</summary>
    public SortedSet<string> Lost { get; } = [];

    /// <summary>The exceptions that were met.</summary>
    public HashSet<string> Excepted { get; } = [];

    public void Run()
    {
        foreach (Slot slot in _slots)
        {
            Probe(slot);
        }

        Hash().Should().Be(_before, "everything was put back");
    }

    private bool IsExcepted(string name)
    {
        string? exception = StateExceptions.ExceptionOf(name);
        if (exception is not null)
        {
            Excepted.Add(exception);
        }

        return exception is not null;
    }

    private void Add(Slot slot)
    {
        if (IsExcepted(slot.Name))
        {
            return;
        }

        _slots.Add(slot);
        switch (slot.Get())
        {
            case null or string or Delegate:
                break;
            case object value when Kinds.IsPlain(value.GetType()):
                break;
            case ValueType when slot.Name != "KernelFrame._machine":
                slot.Parts().ToList().ForEach(Add);
                break;
            case object value when Kinds.IsList(value):
                slot.Elements().ToList().ForEach(AddElement);
                break;
            case IDictionary table:
                foreach (object key in table.Keys)
                {
                    AddElement(slot with { Type = typeof(object), Get = () => table[key], Set = value => table[key] = value });
                }

                break;
            case object value when !value.GetType().IsValueType && !Kinds.IsUnchanging(value.GetType()):
                Meet(value);
                break;
        }
    }

    private void AddElement(Slot element)
    {
        if (element.Get() is { } value && !Kinds.IsList(value) && !Kinds.IsPlain(value.GetType()) && !value.GetType().IsValueType)
        {
            Meet(value);
        }
        else if (element.Name != "Published.Items" || element.Get() is not null)
        {
            // Behind the end of a published list there is only room.
            Add(element);
        }
    }

    private void Meet(object found)
    {
        bool isOurs = found.GetType().Assembly == typeof(SimulatedHost).Assembly;
        if (isOurs && _known.Add(found))
        {
            _toDo.Enqueue(found);
        }
    }

    private void Probe(Slot slot)
    {
        object? value = slot.Get();
        foreach ((string aspect, object? other) in Others(slot, value))
        {
            string name = slot.Name + aspect;
            if (!IsExcepted(name))
            {
                Changed.Add(name);
                if (!Noticed.Contains(name) && IsNoticed(slot, value, other))
                {
                    Noticed.Add(name);
                }
            }
        }
    }

    private bool IsNoticed(Slot slot, object? value, object? other)
    {
        try
        {
            slot.Set(other);
            ForgetDigests(slot);
            ulong now = Hash();
            if (now != _before && Kinds.IsPlain(slot.Type) && _host.Fork().ComputeStateHash() != now)
            {
                Lost.Add(slot.Name);
            }

            return now != _before;
        }
        catch (Exception looked) when (looked is NullReferenceException or InvalidOperationException or InvalidCastException)
        {
            return true;
        }
        finally
        {
            slot.Set(value);
            ForgetDigests(slot);
        }
    }

    /// <summary>What the model remembers of the bytes that were changed behind its back.</summary>
    private void ForgetDigests(Slot slot)
    {
        if (StateExceptions.Digests.TryGetValue(slot.Name, out string? digest))
        {
            _slots.Where(cache => cache.Name == digest).ToList().ForEach(static cache => cache.Set(null));
        }
    }

    /// <summary>What could be there instead.</summary>
    private IEnumerable<(string Aspect, object? Other)> Others(Slot slot, object? value)
    {
        Type type = Nullable.GetUnderlyingType(slot.Type) ?? slot.Type;
        if (type == typeof(string) || Kinds.IsPlain(type))
        {
            return [("", Plain.Other(type, value))];
        }

        if (value is not null && Kinds.IsList(value))
        {
            return OtherLists((IList)value);
        }

        if (slot.Type.IsValueType || value is Delegate || typeof(Delegate).IsAssignableFrom(type))
        {
            return [];
        }

        if (value is not null && IsRecord(value.GetType()))
        {
            return OtherRecords(value);
        }

        // Who belongs together from the beginning to the end is the same in two hosts of the same history.
        return slot.IsReadOnly ? []
            : value is not null ? [("", null)]
            : _known.FirstOrDefault(type.IsInstanceOfType) is { } some ? [("", some)]
            : [];
    }

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null;

    private static IEnumerable<(string Aspect, object? Other)> OtherRecords(object record)
    {
        MethodInfo clone = record.GetType().GetMethod("<Clone>$")!;
        foreach (Slot field in Slot.Of(record).Where(static field => Kinds.IsPlain(field.Type)))
        {
            object copy = clone.Invoke(record, null)!;
            Slot changed = Slot.Of(copy).Single(same => same.Name == field.Name);
            changed.Set(Plain.Other(Nullable.GetUnderlyingType(field.Type) ?? field.Type, field.Get()));
            yield return ($": {field.Name}", copy);
        }
    }

    private static IEnumerable<(string Aspect, object? Other)> OtherLists(IList list)
    {
        if (list is { Count: > 0, IsFixedSize: false })
        {
            yield return (" (count)", Copy(list, list.Count - 1, 0));
        }

        if (list is { Count: > 1, IsFixedSize: false } && !Equals(list[0], list[^1]))
        {
            yield return (" (order)", Copy(list, list.Count, 1));
        }
    }

    private static IList Copy(IList list, int count, int first)
    {
        var copy = (IList)Activator.CreateInstance(list.GetType())!;
        for (int i = 0; i < count; i++)
        {
            copy.Add(list[(i + first) % list.Count]);
        }

        return copy;
    }

    private ulong Hash() => _host.ComputeStateHash();

    /// <summary>Other numbers, texts and times.</summary>
    private static class Plain
    {
        public static object Other(Type type, object? value) => value switch
        {
            _ when type.IsEnum => Enum.ToObject(type, Convert.ToInt64(value ?? 0, System.Globalization.CultureInfo.InvariantCulture) ^ 1),
            bool flag => !flag,
            string text => text + "x",
            TimeSpan time => time == TimeSpan.MaxValue ? TimeSpan.Zero : time + TimeSpan.FromTicks(1),
            Guid => Guid.Empty,
            null => type == typeof(string) ? "x" : RuntimeHelpers.GetUninitializedObject(type),
            _ => ChangeNumber(type, value),
        };

        private static object ChangeNumber(Type type, object value) =>
            value is ulong large ? large ^ 1
            : value is char letter ? (char)(letter + 1)
            : Convert.ChangeType(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture) ^ 1, type, System.Globalization.CultureInfo.InvariantCulture);
    }
}

using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace VfioPm;

/// <summary>
/// A running 64-bit hash over a host's state, eight bytes at a time. Equal states of two hosts with the same history
/// of construction give equal values on every machine; it is not cryptographic.
/// </summary>
public struct StateHash
{
    private const ulong Start = 0xcbf29ce484222325;

    // An odd number whose bits are spread evenly: 2^64 divided by the golden ratio.
    private const ulong Multiplier = 0x9e3779b97f4a7c15;

    // What reflection remembers of a type, the garbage collector may take from it.
    private static readonly ConcurrentDictionary<Type, string> KindNames = new();

    private readonly TimeSpan? _present;

    // They take turns, so that none waits for the other's multiplication.
    private ulong _next;
    private ulong _last;
    private List<object>? _mentioned;

    private StateHash(TimeSpan? present)
    {
        _next = Start;
        _last = ~Start;
        _present = present;
    }

    /// <summary>The hash of nothing yet, in which moments count from boot.</summary>
    public static StateHash Empty => new(present: null);

    /// <summary>The hash of all that was added.</summary>
    public readonly ulong Value => Mix(Mix(Start, _next), _last);

    /// <summary>Adds a number.</summary>
    public void Add(long value) => (_next, _last) = (_last, Mix(_next, (ulong)value));

    /// <summary>
    /// The hash of nothing yet, in which moments count from the present: two hosts that differ in nothing but when they got
    /// there are the same.
    /// </summary>
    internal static StateHash At(TimeSpan present) => new(present);

    /// <summary>Adds a moment, given since boot.</summary>
    internal void AddMoment(TimeSpan moment) => Add((moment - (_present ?? TimeSpan.Zero)).Ticks);

    /// <summary>
    /// Adds a moment that is over. Where moments count from the present it makes no difference how long ago it was, once that
    /// is longer than what anybody still looks at.
    /// </summary>
    internal void AddPast(TimeSpan moment, TimeSpan lookedAt) =>
        AddMoment(_present is { } present && moment < present - lookedAt ? present - lookedAt : moment);

    /// <summary>Adds a flag.</summary>
    public void Add(bool value) => Add(value ? 1L : 0L);

    /// <summary>Adds flags, of which there are always as many in this place.</summary>
    internal void Add(params ReadOnlySpan<bool> flags)
    {
        ulong word = 0;
        for (int i = 0; i < flags.Length; i++)
        {
            if (i % 64 == 63)
            {
                Add((long)word);
            }

            word = (word << 1) | (flags[i] ? 1UL : 0UL);
        }

        Add((long)word);
    }

    /// <summary>Adds a secret, if there is one.</summary>
    internal void Add(Guid? value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.GetValueOrDefault().TryWriteBytes(bytes);
        Add(value is not null);
        Add(bytes);
    }

    /// <summary>Adds a text.</summary>
    internal void Add(string? text)
    {
        if (text is null)
        {
            Add(-1);
        }
        else
        {
            Add(MemoryMarshal.AsBytes(text.AsSpan()));
        }
    }

    /// <summary>Adds of what kind an object is, if there is one.</summary>
    internal void AddKindOf(object? it) => Add(it is null ? null : KindNames.GetOrAdd(it.GetType(), static type => type.Name));

    /// <summary>
    /// Adds which one of those it is that have no place of their own in a host, but are shared by others: they are told
    /// apart by who is mentioned first.
    /// </summary>
    /// <returns>Whether this is the first mention, so that what it holds is still to be added.</returns>
    internal bool AddMention(object shared)
    {
        _mentioned ??= [];
        int place = 0;
        while (place < _mentioned.Count && !ReferenceEquals(_mentioned[place], shared))
        {
            place++;
        }

        Add(place);
        bool isFirst = place == _mentioned.Count;
        if (isFirst)
        {
            _mentioned.Add(shared);
        }

        return isFirst;
    }

    /// <summary>
    /// Adds the entries of a dictionary, whose order says nothing but in which order they came: the sum of the hashes of each.
    /// </summary>
    /// <param name="entries">The entries.</param>
    /// <param name="add">Adds one; captures nothing, so that it is not made anew each time.</param>
    internal void AddInAnyOrder<TKey, TValue>(Dictionary<TKey, TValue> entries, EntryAdder<TKey, TValue> add)
        where TKey : notnull
    {
        long sum = 0;
        foreach ((TKey key, TValue value) in entries)
        {
            StateHash entry = Empty;
            add(ref entry, key, value);
            sum += (long)entry.Value;
        }

        Add(sum);
    }

    /// <summary>Adds an entry of a dictionary to its own hash.</summary>
    internal delegate void EntryAdder<in TKey, in TValue>(ref StateHash hash, TKey key, TValue value);

    /// <summary>Adds bytes, and how many there are.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);

        // Here, and not in memory, while there are many.
        ulong next = _next;
        ulong last = _last;
        while (bytes.Length >= sizeof(ulong))
        {
            (next, last) = (last, Mix(next, BinaryPrimitives.ReadUInt64LittleEndian(bytes)));
            bytes = bytes[sizeof(ulong)..];
        }

        _next = next;
        _last = last;
        foreach (byte value in bytes)
        {
            Add((long)value);
        }
    }

    private static ulong Mix(ulong hash, ulong value)
    {
        // The shift brings what the multiplication moved up back to where the next one takes it along.
        ulong mixed = (hash ^ value) * Multiplier;
        return mixed ^ (mixed >> 32);
    }
}

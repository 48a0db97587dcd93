using System.Buffers.Binary;

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

    private ulong _value;

    private StateHash(ulong value) => _value = value;

    /// <summary>The hash of nothing yet.</summary>
    public static StateHash Empty => new(Start);

    /// <summary>The hash of all that was added.</summary>
    public readonly ulong Value => _value;

    /// <summary>Adds a number.</summary>
    public void Add(long value)
    {
        // The shift brings what the multiplication moved up back to where the next one takes it along.
        ulong mixed = (_value ^ (ulong)value) * Multiplier;
        _value = mixed ^ (mixed >> 32);
    }

    /// <summary>Adds a flag.</summary>
    public void Add(bool value) => Add(value ? 1L : 0L);

    /// <summary>Adds bytes, and how many there are.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add(bytes.Length);
        while (bytes.Length >= sizeof(long))
        {
            Add(BinaryPrimitives.ReadInt64LittleEndian(bytes));
            bytes = bytes[sizeof(long)..];
        }

        foreach (byte value in bytes)
        {
            Add((long)value);
        }
    }
}

namespace VfioPm;

/// <summary>
/// A running 64-bit hash (FNV-1a) over a host's state. Equal states of two hosts with the same history of
/// construction give equal values on every machine; it is not cryptographic.
/// </summary>
public struct StateHash
{
    private const ulong OffsetBasis = 0xcbf29ce484222325;
    private const ulong Prime = 0x100000001b3;

    private ulong _value;

    private StateHash(ulong value) => _value = value;

    /// <summary>The hash of nothing yet.</summary>
    public static StateHash Empty => new(OffsetBasis);

    /// <summary>The hash of all that was added.</summary>
    public readonly ulong Value => _value;

    /// <summary>Adds a number.</summary>
    public void Add(long value)
    {
        for (int shift = 0; shift < 64; shift += 8)
        {
            AddByte((byte)(value >> shift));
        }
    }

    /// <summary>Adds a flag.</summary>
    public void Add(bool value) => AddByte(value ? (byte)1 : (byte)0);

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            AddByte(value);
        }
    }

    private void AddByte(byte value) => _value = (_value ^ value) * Prime;
}

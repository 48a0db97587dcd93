using System.Runtime.InteropServices;

namespace VfioPm;

/// <summary>Memory of a user that a call into the kernel reads or fills while it is under way.</summary>
public sealed class UserMemory : IForkable, IFrameLocal
{
    private readonly byte[] _bytes;

    /// <summary>So many bytes, zero at first.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative.</exception>
    public UserMemory(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _bytes = new byte[length];
        Length = length;
    }

    /// <summary>These bytes.</summary>
    public UserMemory(params ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes.ToArray();
        Length = bytes.Length;
    }

    private UserMemory(UserMemory original, ForkContext fork)
    {
        fork.Register(original, this);
        _bytes = [.. original._bytes];
        Length = original.Length;
    }

    /// <summary>How many bytes there are.</summary>
    public int Length { get; private set; }

    /// <summary>Whether it is a kernel's own, and no call has it.</summary>
    internal bool IsUnused { get; set; }

    /// <summary>What is in it.</summary>
    public ReadOnlySpan<byte> Bytes => Span;

    internal Span<byte> Span => _bytes.AsSpan(0, Length);

    IForkable IForkable.Fork(ForkContext fork) => new UserMemory(this, fork);

    /// <summary>All of it as one little-endian number, where it is no longer than that.</summary>
    internal ulong Value
    {
        get
        {
            ulong value = 0;
            for (int i = Length - 1; i >= 0; i--)
            {
                value = (value << 8) | _bytes[i];
            }

            return value;
        }

        set
        {
            for (int i = 0; i < Length; i++)
            {
                _bytes[i] = (byte)(value >> (8 * i));
            }
        }
    }

    object IFrameLocal.Fork(ForkContext fork) => fork.Of(this);

    void IFrameLocal.AddTo(ref StateHash hash) => hash.Add(Bytes);

    /// <summary>Copies a structure from the beginning (<c>copy_from_user()</c>).</summary>
    /// <returns>Whether it is all there; if not, that is -EFAULT.</returns>
    internal bool TryCopyFrom<T>(out T structure)
        where T : unmanaged => MemoryMarshal.TryRead(Bytes, out structure);

    /// <summary>Copies a structure there (<c>copy_to_user()</c>), or as much of it as there is memory for.</summary>
    /// <inheritdoc cref="TryCopyFrom"/>
    internal bool TryCopyTo<T>(int offset, in T structure, int length)
        where T : unmanaged => TryCopyTo(offset, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in structure))[..length]);

    /// <summary>The same of several.</summary>
    /// <inheritdoc cref="TryCopyFrom"/>
    internal bool TryCopyTo<T>(int offset, ReadOnlySpan<T> array)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(array);
        Span<byte> room = Span[Math.Min(offset, Length)..];
        bytes[..Math.Min(bytes.Length, room.Length)].CopyTo(room);
        return bytes.Length <= room.Length;
    }

    internal UserMemory Resized(int length)
    {
        Length = length;
        return this;
    }

    /// <summary>Whether there is room for so many bytes; if so it has just as many from now on, zero like those of new memory.</summary>
    internal bool TryRenew(int length)
    {
        if (length > _bytes.Length)
        {
            return false;
        }

        // What is left of another call would be in the hash of this one.
        Length = length;
        Span.Clear();
        return true;
    }
}

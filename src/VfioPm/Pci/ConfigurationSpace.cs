using System.Buffers.Binary;

namespace VfioPm;

/// <summary>
/// The registers of a function as bytes, little-endian, with what hardware lets software do to each bit
/// (<see cref="ConfigurationLayout"/>). It knows nothing of power states: <see cref="PciFunction"/> does.
/// </summary>
public sealed class ConfigurationSpace
{
    private readonly byte[] _bytes;

    internal ConfigurationSpace(ConfigurationLayout layout, ReadOnlySpan<byte> content)
    {
        Layout = layout;
        _bytes = new byte[layout.Size];
        content.CopyTo(_bytes);
    }

    private ConfigurationSpace(ConfigurationSpace original)
    {
        Layout = original.Layout;
        _bytes = original._bytes.AsSpan().ToArray();
    }

    /// <summary>What each bit is.</summary>
    public ConfigurationLayout Layout { get; }

    /// <summary>256 or 4096 bytes.</summary>
    public int Size => _bytes.Length;

    /// <summary>The content.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Reads 1, 2 or 4 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not all inside the space.</exception>
    public uint Read(int offset, int width) => width switch
    {
        1 => _bytes[offset],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(offset)),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset)),
        _ => throw new ArgumentOutOfRangeException(nameof(width), width, "A register access has 1, 2 or 4 bytes."),
    };

    /// <summary>Whether the space reaches as far and one of these bits is set.</summary>
    internal bool Has(int offset, int width, uint mask) =>
        offset + width <= Size && (Read(offset, width) & mask) != 0;

    /// <summary>Writes 1, 2 or 4 bytes as software does: only writable bits change, ones clear W1C bits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not all inside the space.</exception>
    internal void Write(int offset, int width, uint value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Size - width);
        for (int i = 0; i < width; i++)
        {
            byte written = (byte)(value >> (8 * i));
            byte writable = Layout.WritableAt(offset + i);
            byte kept = (byte)(_bytes[offset + i] & ~writable);
            kept &= (byte)~(written & Layout.WriteOneToClearAt(offset + i));
            _bytes[offset + i] = (byte)(kept | (written & writable));
        }
    }

    /// <summary>Sets or clears bits of a 16-bit register as hardware does, writable by software or not.</summary>
    internal void SetBits(int offset, ushort mask, bool set)
    {
        uint old = Read(offset, 2);
        BinaryPrimitives.WriteUInt16LittleEndian(
            _bytes.AsSpan(offset), (ushort)(set ? old | mask : old & ~(uint)mask));
    }

    /// <summary>Puts what <paramref name="kind"/> reaches back to its initial values.</summary>
    internal void Reset(ResetKind kind) => Layout.Reset(_bytes, kind);

    /// <summary>Everything is what it was at first, as in a function that has just come into being.</summary>
    internal void Renew(ReadOnlySpan<byte> content) => content.CopyTo(_bytes);

    internal ConfigurationSpace Copy() => new(this);

    internal void AddTo(ref StateHash hash) => hash.Add(_bytes);
}

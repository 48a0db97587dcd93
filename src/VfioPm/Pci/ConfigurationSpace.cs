using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VfioPm;

/// <summary>
/// The registers of a function as bytes, little-endian, with what hardware lets software do to each bit
/// (<see cref="ConfigurationLayout"/>). It knows nothing of power states: <see cref="PciFunction"/> does.
/// </summary>
public sealed class ConfigurationSpace
{
    private SpaceBytes _bytes;

    /// <summary>One that holds what the layout was found from.</summary>
    internal ConfigurationSpace(ConfigurationLayout layout)
    {
        Layout = layout;
        _bytes = layout.Found;
    }

    private ConfigurationSpace(ConfigurationSpace original)
    {
        Layout = original.Layout;
        _bytes = new SpaceBytes(ref original._bytes);
    }

    /// <summary>What each bit is.</summary>
    public ConfigurationLayout Layout { get; }

    /// <summary>256 or 4096 bytes.</summary>
    public int Size => _bytes.Length;

    /// <summary>Whether the header is that of a bridge to another bus.</summary>
    internal bool IsBridge =>
        (Read(PciRegisters.HeaderType, 1) & PciRegisters.HeaderTypeMask) == PciRegisters.HeaderTypeBridge;

    /// <summary>Reads 1, 2 or 4 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not all inside the space, or not as many.</exception>
    public uint Read(int offset, int width)
    {
        CheckAccess(offset, width);
        return (offset & 3) + width <= 4
            ? ReadRegister(offset, width)
            : Read(offset, width / 2) | (Read(offset + (width / 2), width / 2) << (4 * width));
    }

    /// <summary>A copy of the content.</summary>
    public byte[] ToArray() => _bytes.ToArray();

    /// <exception cref="ArgumentOutOfRangeException">The bytes are not all inside the space, or not as many.</exception>
    internal void CheckAccess(int offset, int width)
    {
        if (width is not (1 or 2 or 4))
        {
            throw new ArgumentOutOfRangeException(nameof(width), width, "A register access has 1, 2 or 4 bytes.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Size - width);
    }

    /// <summary>Whether the space reaches as far: a capability may begin right before the end.</summary>
    internal bool Reaches(int offset, int width) => offset <= Size - width;

    /// <summary>Whether the space reaches as far and one of these bits is set.</summary>
    internal bool Has(int offset, int width, uint mask) =>
        Reaches(offset, width) && (ReadRegister(offset, width) & mask) != 0;

    /// <summary>What who asks the function for a register gets: all ones behind the end, where nothing answers.</summary>
    internal uint Ask(int offset, int width) =>
        Reaches(offset, width) ? ReadRegister(offset, width) : uint.MaxValue >> (32 - (8 * width));

    /// <summary>Reads an aligned register as the bus does: the dword, and of it some lanes.</summary>
    internal uint ReadRegister(int offset, int width) =>
        (_bytes.ReadDword(ConfigurationLayout.DwordOf(offset)) & ConfigurationLayout.LanesOf(offset, width)) >> ConfigurationLayout.ShiftOf(offset);

    /// <summary>Reads dwords one after the other, which are all conventional.</summary>
    internal void Read(int first, Span<uint> dwords)
    {
        MemoryMarshal.Cast<byte, uint>(_bytes.Conventional.Slice(4 * first, 4 * dwords.Length)).CopyTo(dwords);
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(dwords, dwords);
        }
    }

    /// <summary>Reads registers of which a copy is kept, one after the other; all ones outside.</summary>
    internal void Read(ReadOnlySpan<SavedRegister> registers, Span<uint> values)
    {
        for (int i = 0; i < registers.Length; i++)
        {
            (int offset, int width, _) = registers[i];
            if (registers[i].IsSaved)
            {
                uint dword = offset < Size ? _bytes.ReadDword(ConfigurationLayout.DwordOf(offset)) : uint.MaxValue;
                values[i] = (dword & ConfigurationLayout.LanesOf(offset, width)) >> ConfigurationLayout.ShiftOf(offset);
            }
        }
    }

    /// <summary>Writes them back, up to the first that is outside, or of whose dword there is more to do.</summary>
    /// <returns>How many were written.</returns>
    internal int Write(ReadOnlySpan<SavedRegister> registers, ReadOnlySpan<uint> values, ReadOnlySpan<WriteEffects> effects)
    {
        Span<byte> conventional = _bytes.ChangeConventional();
        int written = 0;
        for (; written < registers.Length; written++)
        {
            (int offset, int width, uint kept) = registers[written];
            int dword = ConfigurationLayout.DwordOf(offset);
            if (offset >= Size || (dword < effects.Length && effects[dword] != WriteEffects.None))
            {
                break;
            }

            int shift = ConfigurationLayout.ShiftOf(offset);
            uint before = _bytes.ReadDword(dword);
            uint value = registers[written].Restored(before >> shift, values[written]) << shift;
            uint after = Layout.AfterWrite(dword, before, value, ConfigurationLayout.LanesOf(offset, width));
            if (offset < conventional.Length)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(conventional[(4 * dword)..], after);
            }
            else
            {
                _bytes.WriteDword(dword, after);
            }
        }

        return written;
    }

    /// <summary>The last of the first dwords, which are all conventional, that holds something else; -1 if none does.</summary>
    internal int LastDifference(ReadOnlySpan<uint> dwords)
    {
        ReadOnlySpan<byte> bytes = _bytes.Conventional[..(4 * dwords.Length)];
        int dword = dwords.Length - 1;
        while (dword >= 0 && BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(4 * dword, 4)) == dwords[dword])
        {
            dword--;
        }

        return dword;
    }

    /// <summary>Writes an aligned register as software does: only writable bits change, ones clear W1C bits.</summary>
    /// <returns>Whether any bit changed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">It is not inside the space.</exception>
    internal bool Write(int offset, int width, uint value)
    {
        int dword = ConfigurationLayout.DwordOf(offset);
        uint before = _bytes.ReadDword(dword);
        uint written = value << ConfigurationLayout.ShiftOf(offset);
        return _bytes.WriteDword(dword, Layout.AfterWrite(dword, before, written, ConfigurationLayout.LanesOf(offset, width)));
    }

    /// <summary>
    /// Sets or clears bits of a 16-bit register as hardware does, writable by software or not; one behind the end is not there.
    /// </summary>
    internal void SetBits(int offset, ushort mask, bool set)
    {
        if (!Reaches(offset, 2))
        {
            return;
        }

        int dword = ConfigurationLayout.DwordOf(offset);
        uint before = _bytes.ReadDword(dword);
        uint bits = (uint)mask << ConfigurationLayout.ShiftOf(offset);
        _bytes.WriteDword(dword, set ? before | bits : before & ~bits);
    }

    /// <summary>Clears all other bits of a dword as hardware does, writable by software or not.</summary>
    internal void Keep(int offset, uint bits)
    {
        int dword = ConfigurationLayout.DwordOf(offset);
        _bytes.WriteDword(dword, _bytes.ReadDword(dword) & bits);
    }

    /// <summary>Puts what <paramref name="kind"/> reaches back to its initial values.</summary>
    internal void Reset(ResetKind kind) => Layout.Reset(ref _bytes, kind);

    /// <summary>Everything is what it was at first, as in a function that has just come into being.</summary>
    internal void Renew() => _bytes = Layout.Found;

    /// <summary>The same registers for a fork.</summary>
    internal ConfigurationSpace Copy() => new(this);

    internal void AddTo(ref StateHash hash) => _bytes.AddTo(ref hash);
}

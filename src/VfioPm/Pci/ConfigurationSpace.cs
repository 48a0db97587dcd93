using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VfioPm;

/// <summary>
/// The registers of a function as bytes, little-endian, with what hardware lets software do to each bit
/// (<see cref="ConfigurationLayout"/>). It knows nothing of power states: <see cref="PciFunction"/> does.
/// </summary>
public sealed class ConfigurationSpace
{
    private SharedBytes _bytes;

    internal ConfigurationSpace(ConfigurationLayout layout, ReadOnlySpan<byte> content)
    {
        Layout = layout;
        _bytes = new SharedBytes(new byte[layout.Size]);
        Renew(content);
    }

    private ConfigurationSpace(ConfigurationSpace original)
    {
        Layout = original.Layout;
        _bytes = new SharedBytes(ref original._bytes);
    }

    /// <summary>What each bit is.</summary>
    public ConfigurationLayout Layout { get; }

    /// <summary>256 or 4096 bytes.</summary>
    public int Size => _bytes.Length;

    /// <summary>Whether the header is that of a bridge to another bus.</summary>
    internal bool IsBridge =>
        (Read(PciRegisters.HeaderType, 1) & PciRegisters.HeaderTypeMask) == PciRegisters.HeaderTypeBridge;

    /// <summary>The content.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.All;

    /// <summary>Reads 1, 2 or 4 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not all inside the space, or not as many.</exception>
    public uint Read(int offset, int width)
    {
        CheckAccess(offset, width);
        ReadOnlySpan<byte> bytes = Bytes[offset..];
        return width switch
        {
            1 => bytes[0],
            2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            _ => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        };
    }

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
        (ReadDword(ConfigurationLayout.DwordOf(offset)) & ConfigurationLayout.LanesOf(offset, width)) >> ConfigurationLayout.ShiftOf(offset);

    /// <summary>Reads dwords one after the other.</summary>
    internal void Read(int first, Span<uint> dwords)
    {
        MemoryMarshal.Cast<byte, uint>(Bytes.Slice(4 * first, 4 * dwords.Length)).CopyTo(dwords);
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(dwords, dwords);
        }
    }

    /// <summary>Reads registers of which a copy is kept, one after the other; all ones outside.</summary>
    internal void Read(ReadOnlySpan<SavedRegister> registers, Span<uint> values)
    {
        ReadOnlySpan<byte> bytes = Bytes;
        for (int i = 0; i < registers.Length; i++)
        {
            (int offset, int width, _) = registers[i];
            if (registers[i].IsSaved)
            {
                uint dword = offset < bytes.Length ? DwordOf(bytes, ConfigurationLayout.DwordOf(offset)) : uint.MaxValue;
                values[i] = (dword & ConfigurationLayout.LanesOf(offset, width)) >> ConfigurationLayout.ShiftOf(offset);
            }
        }
    }

    /// <summary>Writes them back, up to the first that is outside, or of whose dword there is more to do.</summary>
    /// <returns>How many were written.</returns>
    internal int Write(ReadOnlySpan<SavedRegister> registers, ReadOnlySpan<uint> values, ReadOnlySpan<WriteEffects> effects)
    {
        Span<byte> bytes = _bytes.Change();
        int written = 0;
        for (; written < registers.Length; written++)
        {
            (int offset, int width, uint kept) = registers[written];
            int dword = ConfigurationLayout.DwordOf(offset);
            if (offset >= bytes.Length || (dword < effects.Length && effects[dword] != WriteEffects.None))
            {
                break;
            }

            int shift = ConfigurationLayout.ShiftOf(offset);
            uint before = DwordOf(bytes, dword);
            uint value = registers[written].Restored(before >> shift, values[written]) << shift;
            uint after = Layout.AfterWrite(dword, before, value, ConfigurationLayout.LanesOf(offset, width));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(4 * dword)..], after);
        }

        return written;
    }

    /// <summary>The last of the first dwords that holds something else; -1 if none does.</summary>
    internal int LastDifference(ReadOnlySpan<uint> dwords)
    {
        ReadOnlySpan<byte> bytes = Bytes[..(4 * dwords.Length)];
        int dword = dwords.Length - 1;
        while (dword >= 0 && DwordOf(bytes, dword) == dwords[dword])
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
        uint before = ReadDword(dword);
        uint written = value << ConfigurationLayout.ShiftOf(offset);
        uint after = Layout.AfterWrite(dword, before, written, ConfigurationLayout.LanesOf(offset, width));
        return Change(dword, before, after);
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
        uint before = ReadDword(dword);
        uint bits = (uint)mask << ConfigurationLayout.ShiftOf(offset);
        Change(dword, before, set ? before | bits : before & ~bits);
    }

    /// <summary>Clears all other bits of a dword as hardware does, writable by software or not.</summary>
    internal void Keep(int offset, uint bits)
    {
        uint before = ReadDword(ConfigurationLayout.DwordOf(offset));
        Change(ConfigurationLayout.DwordOf(offset), before, before & bits);
    }

    /// <summary>Puts what <paramref name="kind"/> reaches back to its initial values.</summary>
    internal void Reset(ResetKind kind) => Layout.Reset(_bytes.Change(), kind);

    /// <summary>Everything is what it was at first, as in a function that has just come into being.</summary>
    internal void Renew(ReadOnlySpan<byte> content) => content.CopyTo(_bytes.Change());

    /// <summary>The same registers for a fork.</summary>
    internal ConfigurationSpace Copy() => new(this);

    internal void AddTo(ref StateHash hash) => _bytes.AddTo(ref hash);

    private uint ReadDword(int dword) => DwordOf(Bytes, dword);

    private static uint DwordOf(ReadOnlySpan<byte> bytes, int dword) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(4 * dword, 4));

    private bool Change(int dword, uint before, uint after)
    {
        if (after == before)
        {
            return false;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.Change()[(4 * dword)..], after);
        return true;
    }
}

using System.Buffers.Binary;

namespace VfioPm;

/// <summary>What a BAR maps.</summary>
public enum BarKind
{
    /// <summary>Memory below 4 GiB.</summary>
    Memory32,

    /// <summary>Memory anywhere; takes two registers.</summary>
    Memory64,

    /// <summary>I/O ports.</summary>
    Io,

    /// <summary>The expansion ROM.</summary>
    Rom,
}

/// <summary>
/// A base address register: a range of addresses that a function answers (PCI Local Bus 3.0, section 6.2.5).
/// Software finds its size by writing all ones and seeing which bits stay zero.
/// </summary>
/// <param name="Index">0 to 5, in the order of the registers, or <see cref="RomIndex"/>.</param>
/// <param name="Register">The register's offset in configuration space.</param>
/// <param name="Kind">What it maps.</param>
/// <param name="Prefetchable">Whether reads have no side effects.</param>
/// <param name="Size">Bytes; a power of two.</param>
public sealed record Bar(int Index, int Register, BarKind Kind, bool Prefetchable, ulong Size)
{
    /// <summary>The index of the expansion ROM, as in the kernel and in vfio.</summary>
    public const int RomIndex = 6;

    /// <summary>
    /// Whether nobody knows the size: the dump has no line with it (<c>lspci -v</c> as root), and the address only says what it
    /// can be at most.
    /// </summary>
    public bool IsSizeGuessed { get; init; }

    /// <summary>Whether it takes the next register as its upper half.</summary>
    public bool Is64Bit => Kind == BarKind.Memory64;

    /// <summary>Whether I/O cycles reach it, rather than memory cycles.</summary>
    public bool IsIo => Kind == BarKind.Io;

    /// <summary>The bits of the (64-bit) register that software can write.</summary>
    internal ulong WritableBits => Kind switch
    {
        BarKind.Rom => (~(Size - 1) & 0xffff_f800) | PciRegisters.RomAddressEnable,
        BarKind.Memory64 => ~(Size - 1),
        _ => ~(Size - 1) & uint.MaxValue,
    };

    /// <summary>The address that the register holds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Its register is outside of the space.</exception>
    public ulong AddressIn(ConfigurationSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        CheckIn(space, nameof(space));
        ulong low = space.Read(Register, 4) & ~FlagBits;
        return Is64Bit ? low | ((ulong)space.Read(Register + 4, 4) << 32) : low;
    }

    /// <exception cref="ArgumentOutOfRangeException">Its register is outside of the space.</exception>
    internal void CheckIn(ConfigurationSpace space, string name)
    {
        if (Register < 0 || Register > space.Size - (Is64Bit ? 8 : 4))
        {
            throw new ArgumentOutOfRangeException(name, Register, $"The BAR's register is outside of the 0x{space.Size:x} bytes of configuration space.");
        }
    }

    /// <summary>Clears the address bits that hardware of this size does not have.</summary>
    internal void AlignAddress(Span<byte> space)
    {
        ulong kept = WritableBits | FlagBits;
        Mask(space[Register..], (uint)kept);
        if (Is64Bit)
        {
            Mask(space[(Register + 4)..], (uint)(kept >> 32));
        }
    }

    /// <summary>The same in the registers of a function that has come into being.</summary>
    internal void AlignAddress(ConfigurationSpace space)
    {
        ulong kept = WritableBits | FlagBits;
        space.Keep(Register, (uint)kept);
        if (Is64Bit)
        {
            space.Keep(Register + 4, (uint)(kept >> 32));
        }
    }

    private static void Mask(Span<byte> register, uint kept) =>
        BinaryPrimitives.WriteUInt32LittleEndian(
            register, BinaryPrimitives.ReadUInt32LittleEndian(register) & kept);

    private uint FlagBits => Kind switch
    {
        BarKind.Io => 0x3,
        BarKind.Rom => 0x7ff,
        _ => 0xf,
    };
}

using System.Buffers.Binary;

namespace VfioPm;

/// <summary>What a base address register says: all about its BAR but the size (PCI Local Bus 3.0, 6.2.5).</summary>
/// <param name="Index">The BAR's index.</param>
/// <param name="Offset">The register's offset in configuration space.</param>
/// <param name="Kind">What it maps.</param>
/// <param name="Prefetchable">Whether reads have no side effects.</param>
/// <param name="Address">The address in it.</param>
/// <param name="IsZero">Whether it holds nothing but zeros: a BAR without an address, or no BAR.</param>
internal readonly record struct BarRegister(
    int Index, int Offset, BarKind Kind, bool Prefetchable, ulong Address, bool IsZero)
{
    private const uint IoBit = 0x1;
    private const uint TypeMask = 0x6;
    private const uint Type64Bit = 0x4;
    private const uint PrefetchableBit = 0x8;

    /// <summary>The least bytes that the BAR can have: as many as the flag bits below its address leave.</summary>
    public ulong MinimumSize => Kind switch
    {
        BarKind.Rom => 0x800,
        BarKind.Io => 0x4,
        _ => 0x10,
    };

    /// <summary>The register of this BAR, or null where the header has none.</summary>
    public static BarRegister? Read(ReadOnlySpan<byte> space, int index)
    {
        (int count, int romOffset) = (space[PciRegisters.HeaderType] & PciRegisters.HeaderTypeMask) switch
        {
            PciRegisters.HeaderTypeNormal => (6, PciRegisters.RomAddress),
            PciRegisters.HeaderTypeBridge => (2, PciRegisters.BridgeRomAddress),
            _ => (0, 0),
        };

        return index == Bar.RomIndex && count > 0 ? ReadRom(space, romOffset)
            : index < count ? ReadBar(space, index, PciRegisters.BaseAddress0 + (4 * index), isLast: index == count - 1)
            : null;
    }

    /// <summary>The register of this BAR of virtual functions, in the SR-IOV capability that begins at an offset.</summary>
    public static BarRegister ReadVirtual(ReadOnlySpan<byte> space, int capability, int index) => ReadBar(
        space, index, capability + SriovRegisters.VfBaseAddress0 + (4 * index), isLast: index == Bar.RomIndex - 1);

    private static BarRegister ReadBar(ReadOnlySpan<byte> space, int index, int offset, bool isLast)
    {
        uint low = BinaryPrimitives.ReadUInt32LittleEndian(space[offset..]);
        if ((low & IoBit) != 0)
        {
            return new BarRegister(index, offset, BarKind.Io, Prefetchable: false, low & ~0x3u, IsZero: false);
        }

        bool wide = (low & TypeMask) == Type64Bit && !isLast;
        uint high = wide ? BinaryPrimitives.ReadUInt32LittleEndian(space[(offset + 4)..]) : 0;
        return new BarRegister(
            index,
            offset,
            wide ? BarKind.Memory64 : BarKind.Memory32,
            (low & PrefetchableBit) != 0,
            ((ulong)high << 32) | (low & ~0xfu),
            low == 0);
    }

    private static BarRegister ReadRom(ReadOnlySpan<byte> space, int offset)
    {
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(space[offset..]);
        return new BarRegister(Bar.RomIndex, offset, BarKind.Rom, Prefetchable: true, value & ~0x7ffu, value == 0);
    }
}

using System.Buffers.Binary;
using System.Numerics;

namespace VfioPm;

/// <summary>Reads from a header which BARs a function has (PCI Local Bus 3.0, section 6.2.5).</summary>
internal static class BarDecoder
{
    private const ulong DefaultMemorySize = 0x1_0000;
    private const ulong DefaultIoSize = 0x20;
    private const ulong MinimumMemorySize = 0x10;
    private const ulong MinimumIoSize = 0x4;
    private const ulong MinimumRomSize = 0x800;

    public static IReadOnlyList<Bar> Decode(ReadOnlySpan<byte> space, BarSizes sizes)
    {
        (int count, int romRegister) = (space[PciRegisters.HeaderType] & PciRegisters.HeaderTypeMask) switch
        {
            PciRegisters.HeaderTypeNormal => (6, PciRegisters.RomAddress),
            PciRegisters.HeaderTypeBridge => (2, PciRegisters.BridgeRomAddress),
            _ => (0, 0),
        };

        var bars = new List<Bar>();
        for (int index = 0; index < count; index++)
        {
            if (DecodeOne(space, index, isLast: index == count - 1, sizes[index]) is { } bar)
            {
                bars.Add(bar);
                index += bar.Is64Bit ? 1 : 0;
            }
        }

        if (count > 0 && DecodeRom(space, romRegister, sizes[Bar.RomIndex]) is { } rom)
        {
            bars.Add(rom);
        }

        return bars;
    }

    /// <summary>Whether the register of a BAR says that it maps I/O ports.</summary>
    public static bool IsIo(ReadOnlySpan<byte> space, int index) =>
        index != Bar.RomIndex && (space[PciRegisters.BaseAddress0 + (4 * index)] & 1) != 0;

    /// <summary>The least bytes that a BAR can have: as many as there are flag bits below its address.</summary>
    public static ulong MinimumSize(ReadOnlySpan<byte> space, int index) =>
        index == Bar.RomIndex ? MinimumRomSize : IsIo(space, index) ? MinimumIoSize : MinimumMemorySize;

    private static Bar? DecodeOne(ReadOnlySpan<byte> space, int index, bool isLast, ulong? size)
    {
        int register = PciRegisters.BaseAddress0 + (4 * index);
        uint low = BinaryPrimitives.ReadUInt32LittleEndian(space[register..]);

        // A register of zeros may be a BAR without an address; only a known size can tell it from no BAR.
        if (size == 0 || (low == 0 && size is null))
        {
            return null;
        }

        if (IsIo(space, index))
        {
            uint port = low & ~0x3u;
            return new Bar(index, register, BarKind.Io, false, size ?? DefaultSize(port, DefaultIoSize, MinimumIoSize));
        }

        bool prefetchable = (low & 0x8) != 0;
        bool wide = (low & 0x6) == 0x4 && !isLast;
        uint high = wide ? BinaryPrimitives.ReadUInt32LittleEndian(space[(register + 4)..]) : 0;
        ulong address = (low & ~0xfu) | ((ulong)high << 32);
        BarKind kind = wide ? BarKind.Memory64 : BarKind.Memory32;
        return new Bar(index, register, kind, prefetchable, size ?? DefaultSize(address, DefaultMemorySize, MinimumMemorySize));
    }

    private static Bar? DecodeRom(ReadOnlySpan<byte> space, int register, ulong? size)
    {
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(space[register..]);
        if (size == 0 || (value == 0 && size is null))
        {
            return null;
        }

        ulong known = size ?? DefaultSize(value & ~0x7ffu, DefaultMemorySize, MinimumRomSize);
        return new Bar(Bar.RomIndex, register, BarKind.Rom, Prefetchable: true, known);
    }

    /// <summary>A BAR sits at a multiple of its size: the address bounds what its size can be.</summary>
    private static ulong DefaultSize(ulong address, ulong usual, ulong minimum) =>
        address == 0 ? usual : Math.Max(Math.Min(usual, 1UL << BitOperations.TrailingZeroCount(address)), minimum);
}

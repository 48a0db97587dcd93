using System.Numerics;

namespace VfioPm;

/// <summary>Finds the BARs of a function from its header and what is known of their sizes.</summary>
internal static class BarDecoder
{
    private const ulong DefaultMemorySize = 0x1_0000;
    private const ulong DefaultIoSize = 0x20;

    /// <summary>The BARs of a header.</summary>
    public static IReadOnlyList<Bar> Decode(ReadOnlySpan<byte> space, BarSizes sizes)
    {
        var bars = new List<Bar>();
        for (int index = 0; index <= Bar.RomIndex;)
        {
            index += Add(bars, BarRegister.Read(space, index), sizes[index]);
        }

        return bars.AsReadOnly();
    }

    /// <summary>The BARs of the virtual functions whose SR-IOV capability begins at an offset.</summary>
    public static IReadOnlyList<Bar> DecodeVirtual(ReadOnlySpan<byte> space, int capability, BarSizes sizes)
    {
        var bars = new List<Bar>();
        for (int index = 0; index < Bar.RomIndex;)
        {
            index += Add(bars, BarRegister.ReadVirtual(space, capability, index), sizes[index]);
        }

        return bars.AsReadOnly();
    }

    /// <summary>Adds what a register is, if it is a BAR.</summary>
    /// <returns>How many registers it takes: the next one can be the upper half.</returns>
    private static int Add(List<Bar> bars, BarRegister? found, ulong? size)
    {
        // A register of zeros may be a BAR without an address; only a known size can tell it from no BAR.
        if (found is not { } register || size == 0 || (register.IsZero && size is null))
        {
            return 1;
        }

        bars.Add(new Bar(
            register.Index, register.Offset, register.Kind, register.Prefetchable, size ?? DefaultSize(register))
        {
            IsSizeGuessed = size is null,
        });
        return register.Kind == BarKind.Memory64 ? 2 : 1;
    }

    /// <summary>A BAR sits at a multiple of its size: the address bounds what its size can be.</summary>
    private static ulong DefaultSize(BarRegister register)
    {
        ulong usual = register.Kind == BarKind.Io ? DefaultIoSize : DefaultMemorySize;
        ulong bound = register.Address == 0 ? usual : 1UL << BitOperations.TrailingZeroCount(register.Address);
        return Math.Max(Math.Min(usual, bound), register.MinimumSize);
    }
}

using System.Numerics;

namespace VfioPm;

/// <summary>Finds the BARs of a function from its header and what is known of their sizes.</summary>
internal static class BarDecoder
{
    private const ulong DefaultMemorySize = 0x1_0000;
    private const ulong DefaultIoSize = 0x20;

    public static IReadOnlyList<Bar> Decode(ReadOnlySpan<byte> space, BarSizes sizes)
    {
        var bars = new List<Bar>();
        for (int index = 0; index <= Bar.RomIndex; index++)
        {
            // A register of zeros may be a BAR without an address; only a known size can tell it from no BAR.
            if (BarRegister.Read(space, index) is not { } register
                || sizes[index] == 0
                || (register.IsZero && sizes[index] is null))
            {
                continue;
            }

            ulong size = sizes[index] ?? DefaultSize(register);
            bars.Add(new Bar(index, register.Offset, register.Kind, register.Prefetchable, size));
            if (register.Kind == BarKind.Memory64)
            {
                // The next register is the upper half.
                index++;
            }
        }

        return bars;
    }

    /// <summary>A BAR sits at a multiple of its size: the address bounds what its size can be.</summary>
    private static ulong DefaultSize(BarRegister register)
    {
        ulong usual = register.Kind == BarKind.Io ? DefaultIoSize : DefaultMemorySize;
        ulong bound = register.Address == 0 ? usual : 1UL << BitOperations.TrailingZeroCount(register.Address);
        return Math.Max(Math.Min(usual, bound), register.MinimumSize);
    }
}

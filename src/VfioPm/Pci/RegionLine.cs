using System.Globalization;
using System.Numerics;

namespace VfioPm;

/// <summary>
/// A line of <c>lspci -v</c> that tells the size of a BAR: "Region 0: Memory at fe640000 (32-bit,
/// non-prefetchable) [size=128K]" or "Expansion ROM at fe600000 [disabled] [size=256K]".
/// </summary>
/// <param name="Bar">The BAR.</param>
/// <param name="IsIo">Whether it is of I/O ports.</param>
/// <param name="Size">Bytes; a power of two.</param>
internal readonly record struct RegionLine(int Bar, bool IsIo, ulong Size)
{
    private const string SizeMark = "[size=";

    /// <summary>Reads the line if it is of this kind and tells a size that a BAR can have.</summary>
    public static bool TryParse(ReadOnlySpan<char> line, out RegionLine region)
    {
        region = default;
        ReadOnlySpan<char> text = line.TrimStart();

        // "[virtual]": what the kernel knows from elsewhere; no BAR holds it.
        if (text.Contains("[virtual]", StringComparison.Ordinal) || !TryParseSize(text, out ulong size))
        {
            return false;
        }

        if (text.StartsWith("Expansion ROM at ", StringComparison.Ordinal))
        {
            region = new RegionLine(VfioPm.Bar.RomIndex, IsIo: false, size);
            return true;
        }

        if (text is not ['R', 'e', 'g', 'i', 'o', 'n', ' ', >= '0' and <= '5', ':', ' ', ..])
        {
            return false;
        }

        region = new RegionLine(text[7] - '0', text[10..].StartsWith("I/O ports", StringComparison.Ordinal), size);
        return true;
    }

    /// <summary>The sizes told by these lines, where the registers agree that there is such a BAR.</summary>
    public static BarSizes SizesOf(List<RegionLine> regions, ReadOnlySpan<byte> bytes)
    {
        BarSizes sizes = BarSizes.Unknown;
        foreach (RegionLine region in regions)
        {
            // The kernel lists the ports that an IDE controller always has under BARs that do not exist.
            if (region.Size >= BarDecoder.MinimumSize(bytes, region.Bar)
                && region.IsIo == BarDecoder.IsIo(bytes, region.Bar))
            {
                sizes = sizes.With(region.Bar, region.Size);
            }
        }

        return sizes;
    }

    private static bool TryParseSize(ReadOnlySpan<char> text, out ulong size)
    {
        size = 0;
        int start = text.IndexOf(SizeMark, StringComparison.Ordinal);
        if (start < 0)
        {
            return false;
        }

        text = text[(start + SizeMark.Length)..];
        int end = text.IndexOf(']');
        if (end < 1)
        {
            return false;
        }

        int shift = text[end - 1] switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        ReadOnlySpan<char> digits = text[..(shift == 0 ? end : end - 1)];
        if (!uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint count))
        {
            return false;
        }

        size = (ulong)count << shift;
        return BitOperations.IsPow2(size);
    }
}

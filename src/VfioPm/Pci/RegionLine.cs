using System.Globalization;
using System.Numerics;

namespace VfioPm;

/// <summary>
/// Lines of <c>lspci -v</c> that tell the size of a BAR: "Region 0: Memory at fe640000 (32-bit,
/// non-prefetchable) [size=128K]" or "Expansion ROM at fe600000 [disabled] [size=256K]".
/// </summary>
internal static class RegionLine
{
    private const string RegionMark = "Region ";
    private const string Units = "KMGT";
    private const string SizeMark = "[size=";

    /// <summary>Reads the line if it is of this kind and tells a size that a BAR can have.</summary>
    public static bool TryParse(ReadOnlySpan<char> line, out BarClaim claim)
    {
        claim = default;
        ReadOnlySpan<char> text = line.TrimStart();

        // "[virtual]": what the kernel knows from elsewhere; no BAR holds it.
        if (text.Contains("[virtual]", StringComparison.Ordinal) || !TryParseSize(text, out ulong size))
        {
            return false;
        }

        if (text.StartsWith("Expansion ROM at ", StringComparison.Ordinal))
        {
            claim = new BarClaim(Bar.RomIndex, IsIo: false, size);
            return true;
        }

        if (!text.StartsWith(RegionMark, StringComparison.Ordinal) || text[RegionMark.Length..] is not [>= '0' and <= '5', ':', ' ', .. var what])
        {
            return false;
        }

        claim = new BarClaim(text[RegionMark.Length] - '0', what.StartsWith("I/O ports", StringComparison.Ordinal), size);
        return true;
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

        int shift = 10 * (Units.IndexOf(text[end - 1], StringComparison.Ordinal) + 1);
        ReadOnlySpan<char> digits = text[..(shift == 0 ? end : end - 1)];
        if (!uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out uint count))
        {
            return false;
        }

        size = (ulong)count << shift;
        return BitOperations.IsPow2(size);
    }
}

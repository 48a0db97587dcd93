using System.Globalization;

namespace VfioPm;

/// <summary>
/// Reads sysfs's <c>resource</c>: a line for each BAR, then the ROM, then a bridge's windows; each the first
/// address, the last and the kernel's flags.
/// </summary>
internal static class ResourceLines
{
    // IORESOURCE_IO, as sysfs shows it.
    private const ulong IoFlag = 0x100;

    /// <summary>What the first seven lines claim.</summary>
    /// <exception cref="DumpFormatException">A line is not of this form, or the size is none of a BAR.</exception>
    public static List<BarClaim> Parse(string text)
    {
        var claims = new List<BarClaim>();
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (claims.Count > Bar.RomIndex || line.IsWhiteSpace())
            {
                break;
            }

            claims.Add(ReadLine(line, claims.Count));
        }

        return claims;
    }

    private static BarClaim ReadLine(ReadOnlySpan<char> line, int bar)
    {
        int number = bar + 1;
        Span<Range> fields = stackalloc Range[4];
        if (line.Split(fields, ' ', StringSplitOptions.RemoveEmptyEntries) != 3)
        {
            throw new DumpFormatException(number, 1, "there should be three numbers.");
        }

        ulong first = ReadNumber(line, fields[0], number);
        ulong last = ReadNumber(line, fields[1], number);
        ulong flags = ReadNumber(line, fields[2], number);
        ulong size = last == 0 ? 0 : last - first + 1;
        return last >= first && (size == 0 || ulong.IsPow2(size))
            ? new BarClaim(bar, (flags & IoFlag) != 0, size)
            : throw new DumpFormatException(number, 1, "the size of this range is no power of two.");
    }

    private static ulong ReadNumber(ReadOnlySpan<char> line, Range field, int number)
    {
        ReadOnlySpan<char> text = line[field];
        if (text.StartsWith("0x", StringComparison.Ordinal)
            && ulong.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value))
        {
            return value;
        }

        throw new DumpFormatException(
            number, field.Start.GetOffset(line.Length) + 1, "there should be a number such as 0x00000000fe640000.");
    }
}

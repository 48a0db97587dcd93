using System.Globalization;

namespace VfioPm;

/// <summary>
/// Reads sysfs's <c>resource</c>: a line for each BAR, then the ROM, then a bridge's windows; each the first
/// address, the last and the kernel's flags.
/// </summary>
internal static class ResourceLines
{
    /// <summary>The sizes told by the first seven lines.</summary>
    /// <exception cref="DumpFormatException">A line is not of this form, or the size is none of a BAR.</exception>
    public static BarSizes Parse(string text)
    {
        BarSizes sizes = BarSizes.Unknown;
        int index = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (index > Bar.RomIndex || line.IsWhiteSpace())
            {
                break;
            }

            sizes = sizes.With(index, ReadSize(line, index + 1));
            index++;
        }

        return sizes;
    }

    private static ulong ReadSize(ReadOnlySpan<char> line, int number)
    {
        Span<Range> fields = stackalloc Range[4];
        if (line.Split(fields, ' ', StringSplitOptions.RemoveEmptyEntries) != 3)
        {
            throw new DumpFormatException(number, 1, "there should be three numbers.");
        }

        ulong first = ReadNumber(line, fields[0], number);
        ulong last = ReadNumber(line, fields[1], number);
        _ = ReadNumber(line, fields[2], number);
        if (last == 0)
        {
            return 0;
        }

        ulong size = last - first + 1;
        return last > first && ulong.IsPow2(size)
            ? size
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

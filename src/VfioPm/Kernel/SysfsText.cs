namespace VfioPm;

/// <summary>
/// How the kernel reads what is written to an attribute (<c>lib/kstrtox.c</c>, <c>lib/string_helpers.c</c>). <c>echo</c> ends it
/// with a line's end, and one is allowed.
/// </summary>
internal static class SysfsText
{
    private const uint Decimal = 10;
    private const uint Octal = 8;
    private const uint Hexadecimal = 16;

    /// <summary>Whether the text is the word (<c>sysfs_streq()</c>).</summary>
    public static bool Is(string text, string word) => WithoutLineEnd(text).SequenceEqual(WithoutLineEnd(word));

    /// <summary>A number that says its base, as 16, 0x10 and 020 do (<c>kstrtoul(…, 0, …)</c>).</summary>
    public static bool TryParseUnsigned(string text, out ulong value)
    {
        ReadOnlySpan<char> digits = WithoutPlus(WithoutLineEnd(text));
        return digits switch
        {
            ['0', 'x' or 'X', .. { Length: > 0 } rest] => TryParse(rest, Hexadecimal, out value),
            ['0', ..] => TryParse(digits, Octal, out value),
            _ => TryParse(digits, Decimal, out value),
        };
    }

    /// <summary>A decimal number with or without a sign, of 32 bits (<c>kstrtol(…, 10, …)</c>).</summary>
    public static bool TryParseInt(string text, out int value)
    {
        ReadOnlySpan<char> digits = WithoutLineEnd(text);
        bool isNegative = digits is ['-', ..];
        bool isNumber = TryParse(WithoutPlus(isNegative ? digits[1..] : digits), Decimal, out ulong size)
            && size <= int.MaxValue + (isNegative ? 1UL : 0);
        value = isNumber ? (int)(isNegative ? -(long)size : (long)size) : 0;
        return isNumber;
    }

    /// <summary><c>simple_strtoul(text, NULL, 10)</c>: the digits that it begins with, whatever follows.</summary>
    public static ulong LeadingNumber(string text)
    {
        ulong number = 0;
        foreach (char digit in text.TakeWhile(char.IsAsciiDigit))
        {
            number = unchecked((number * 10) + (ulong)(digit - '0'));
        }

        return number;
    }

    /// <summary>Yes or no, by how the text begins; null for neither (<c>kstrtobool()</c>).</summary>
    public static bool? ParseBool(string text) => text switch
    {
        ['y' or 'Y' or 't' or 'T' or '1', ..] or ['o' or 'O', 'n' or 'N', ..] => true,
        ['n' or 'N' or 'f' or 'F' or '0', ..] or ['o' or 'O', 'f' or 'F', ..] => false,
        _ => null,
    };

    private static ReadOnlySpan<char> WithoutLineEnd(ReadOnlySpan<char> text) => text is [.. var line, '\n'] ? line : text;

    private static ReadOnlySpan<char> WithoutPlus(ReadOnlySpan<char> digits) => digits is ['+', ..] ? digits[1..] : digits;

    /// <summary>Nothing but digits, and no more than 64 bits hold.</summary>
    private static bool TryParse(ReadOnlySpan<char> digits, uint numberBase, out ulong value)
    {
        value = 0;
        foreach (char character in digits)
        {
            uint digit = char.IsAsciiHexDigit(character) ? (uint)(character <= '9' ? character - '0' : (character | ' ') - 'a' + 10) : numberBase;
            if (digit >= numberBase || value > (ulong.MaxValue - digit) / numberBase)
            {
                return false;
            }

            value = (value * numberBase) + digit;
        }

        return digits.Length > 0;
    }
}

namespace VfioPm;

/// <summary>
/// How the kernel reads what is written to an attribute (<c>lib/kstrtox.c</c>, <c>lib/string_helpers.c</c>, <c>lib/vsprintf.c</c>).
/// <c>echo</c> ends it with a line's end, and one is allowed; a NUL ends it too.
/// </summary>
internal static class SysfsText
{
    private const uint Decimal = 10;
    private const uint Octal = 8;
    private const uint Hexadecimal = 16;

    // isspace(): the C locale's, and of Latin-1 the blank that does not break.
    private static readonly char[] White = [' ', '\t', '\n', '\v', '\f', '\r', '\u00a0'];

    /// <summary>Whether the text is the word (<c>sysfs_streq()</c>).</summary>
    public static bool Is(string text, string word) => WithoutLineEnd(text).SequenceEqual(WithoutLineEnd(word));

    /// <summary>The first line (<c>strnchr(…, '\n')</c>).</summary>
    public static string Line(string text) => String(text).ToString().Split('\n')[0];

    /// <summary>
    /// What stands between blanks (<c>strsep()</c>), without white space around it (<c>strim()</c>); a word of other white space is there
    /// and empty.
    /// </summary>
    public static IEnumerable<string> Words(string text) =>
        String(text).ToString().Split(' ').Where(static word => !Is(word, "")).Select(static word => word.Trim(White));

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
        bool isNumber = TryParse(isNegative ? digits[1..] : WithoutPlus(digits), Decimal, out ulong size)
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

    /// <summary>
    /// Hexadecimal numbers of 32 bits, up to what is none (<c>sscanf("%x %x …")</c>): behind white space, with or without 0x, of more
    /// digits the last eight; what follows a number without white space is the next one, or none.
    /// </summary>
    public static List<uint> HexNumbers(string text, int most)
    {
        List<uint> numbers = [];
        ReadOnlySpan<char> rest = String(text);
        while (numbers.Count < most && rest.TrimStart(White) is [var first, ..] digits && char.IsAsciiHexDigit(first))
        {
            rest = digits is ['0', 'x' or 'X', ..] ? digits[2..] : digits;
            uint number = 0;
            for (; rest is [var digit, ..] && char.IsAsciiHexDigit(digit); rest = rest[1..])
            {
                number = (number << 4) | DigitOf(digit);
            }

            numbers.Add(number);
        }

        return numbers;
    }

    /// <summary>Yes or no, by how the text begins; null for neither (<c>kstrtobool()</c>).</summary>
    /// <param name="text">The text.</param>
    /// <param name="hasEnable">Whether "enable" and "disable" are among them.</param>
    public static bool? ParseBool(string text, bool hasEnable) => text switch
    {
        ['e' or 'E', ..] when hasEnable => true,
        ['d' or 'D', ..] when hasEnable => false,
        ['y' or 'Y' or 't' or 'T' or '1', ..] or ['o' or 'O', 'n' or 'N', ..] => true,
        ['n' or 'N' or 'f' or 'F' or '0', ..] or ['o' or 'O', 'f' or 'F', ..] => false,
        _ => null,
    };

    /// <summary>A string ends with a NUL, wherever that is.</summary>
    private static ReadOnlySpan<char> String(ReadOnlySpan<char> text) => text.IndexOf('\0') is >= 0 and var end ? text[..end] : text;

    private static ReadOnlySpan<char> WithoutLineEnd(ReadOnlySpan<char> text) =>
        String(text) is [.. var line, '\n'] ? line : String(text);

    private static ReadOnlySpan<char> WithoutPlus(ReadOnlySpan<char> digits) => digits is ['+', ..] ? digits[1..] : digits;

    private static uint DigitOf(char digit) => (uint)(digit <= '9' ? digit - '0' : (digit | ' ') - 'a' + 10);

    /// <summary>Nothing but digits, and no more than 64 bits hold.</summary>
    private static bool TryParse(ReadOnlySpan<char> digits, uint numberBase, out ulong value)
    {
        value = 0;
        foreach (char character in digits)
        {
            uint digit = char.IsAsciiHexDigit(character) ? DigitOf(character) : numberBase;
            if (digit >= numberBase || value > (ulong.MaxValue - digit) / numberBase)
            {
                return false;
            }

            value = (value * numberBase) + digit;
        }

        return digits.Length > 0;
    }
}

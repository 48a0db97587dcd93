namespace VfioPm.Tests;

/// <summary>What is written to attributes, as the kernel reads it (<c>lib/kstrtox.c</c>, <c>lib/string_helpers.c</c>).</summary>
public sealed class SysfsTextTests
{
    [Theory]
    [InlineData("on", "on", true)]
    [InlineData("on\n", "on", true)]
    [InlineData("on", "on\n", true)]
    [InlineData("on\n\n", "on", false)]
    [InlineData("On", "on", false)]
    [InlineData("one", "on", false)]
    [InlineData("", "on", false)]
    public void A_word_may_have_one_end_of_line(string text, string word, bool isIt) => SysfsText.Is(text, word).Should().Be(isIt);

    [Theory]
    [InlineData("0", 0UL)]
    [InlineData("1", 1UL)]
    [InlineData("16\n", 16UL)]
    [InlineData("+16", 16UL)]
    [InlineData("0x10", 16UL)]
    [InlineData("0XaF", 0xafUL)]
    [InlineData("0x9f", 0x9fUL)]
    [InlineData("020", 16UL)]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    [InlineData("0xffffffffffffffff", ulong.MaxValue)]
    [InlineData("01777777777777777777777", ulong.MaxValue)]
    [InlineData("18446744073709551616", null)]
    [InlineData("18446744073709551620", null)]
    [InlineData("0x10000000000000000", null)]
    [InlineData("", null)]
    [InlineData("\n", null)]
    [InlineData("+", null)]
    [InlineData("++1", null)]
    [InlineData("-1", null)]
    [InlineData("0x", null)]
    [InlineData("08", null)]
    [InlineData("a", null)]
    [InlineData("0xg", null)]
    [InlineData("1 ", null)]
    [InlineData("1\n\n", null)]
    public void A_number_without_a_sign_says_its_base(string text, ulong? value)
    {
        SysfsText.TryParseUnsigned(text, out ulong parsed).Should().Be(value is not null);
        if (value is not null)
        {
            parsed.Should().Be(value);
        }
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("12\n", 12)]
    [InlineData("+12", 12)]
    [InlineData("-12", -12)]
    [InlineData("010", 10)]
    [InlineData("2147483647", int.MaxValue)]
    [InlineData("-2147483648", int.MinValue)]
    [InlineData("2147483648", null)]
    [InlineData("-2147483649", null)]
    [InlineData("0x10", null)]
    [InlineData("-", null)]
    [InlineData("--1", null)]
    [InlineData("-+1", null)]
    [InlineData("", null)]
    public void A_number_with_a_sign_is_decimal_and_of_32_bits(string text, int? value)
    {
        SysfsText.TryParseInt(text, out int parsed).Should().Be(value is not null);
        parsed.Should().Be(value ?? 0);
    }

    [Theory]
    [InlineData("y", true)]
    [InlineData("Yes", true)]
    [InlineData("t", true)]
    [InlineData("T", true)]
    [InlineData("1", true)]
    [InlineData("on", true)]
    [InlineData("ON", true)]
    [InlineData("n", false)]
    [InlineData("No", false)]
    [InlineData("f", false)]
    [InlineData("F", false)]
    [InlineData("0", false)]
    [InlineData("off", false)]
    [InlineData("OF", false)]
    [InlineData("o", null)]
    [InlineData("2", null)]
    [InlineData("", null)]
    [InlineData("enable", null)]
    public void Yes_and_no_are_told_by_how_the_text_begins(string text, bool? value) =>
        SysfsText.ParseBool(text, hasEnable: false).Should().Be(value);

    [Theory]
    [InlineData("", "")]
    [InlineData("8086 10d3", "8086,10d3")]
    [InlineData(" 0x8086\t10D3\n", "8086,10d3")]
    [InlineData("8086:10d3", "8086")]
    [InlineData("8086 10d3,1", "8086,10d3")]
    [InlineData("123456789 0x", "23456789,0")]
    [InlineData("1 2 3 4", "1,2,3")]
    [InlineData("1 \0 2", "1")]
    public void Hexadecimal_numbers_are_read_up_to_what_is_none(string text, string numbers) =>
        string.Join(',', SysfsText.HexNumbers(text, most: 3).Select(static number => $"{number:x}")).Should().Be(numbers);
}

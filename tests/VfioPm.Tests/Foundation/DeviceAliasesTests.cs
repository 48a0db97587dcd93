namespace VfioPm.Tests;

/// <summary>What a test calls its devices, in texts.</summary>
public sealed class DeviceAliasesTests
{
    private const string Gpu = "0000:01:00.0";

    private readonly DeviceAliases _aliases = DeviceAliases.None.With(Gpu, "gpu");

    [Theory]
    [InlineData("0000:01:00.0 is asleep.", "gpu (0000:01:00.0) is asleep.")]
    [InlineData("below 0000:01:00.0.", "below gpu (0000:01:00.0).")]
    [InlineData("0000:01:00.0: D3hot", "gpu (0000:01:00.0): D3hot")]
    [InlineData("(0000:01:00.0)", "(gpu (0000:01:00.0))")]
    [InlineData("gpu (0000:01:00.0) has it already", "gpu (0000:01:00.0) has it already")]
    [InlineData("0000:01:00.01, 10000:01:00.0, x-0000:01:00.0 and 0000:01:00.0:pcie are others", "0000:01:00.01, 10000:01:00.0, x-0000:01:00.0 and 0000:01:00.0:pcie are others")]
    public void A_name_becomes_a_title_wherever_it_is_a_word(string text, string titled) => _aliases.In(text).Should().Be(titled);

    [Fact]
    public void A_text_is_titled_once() => _aliases.In(_aliases.In(Gpu)).Should().Be("gpu (0000:01:00.0)");

    [Fact]
    public void Two_devices_are_not_called_the_same()
    {
        _aliases.Invoking(aliases => aliases.With("0000:02:00.0", "gpu"))
            .Should().Throw<ArgumentException>().WithMessage("0000:01:00.0 is called \"gpu\" already.*");
        _aliases.Invoking(aliases => aliases.With(Gpu, " ")).Should().Throw<ArgumentException>();
        _aliases.With(Gpu, "gpu").With(Gpu, "card").TitleOf(Gpu).Should().Be("card (0000:01:00.0)");
        _aliases.With(Gpu, null).TitleOf(Gpu).Should().Be(Gpu);
    }
}

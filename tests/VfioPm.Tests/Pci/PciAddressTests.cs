namespace VfioPm.Tests.Pci;

public class PciAddressTests
{
    [Theory]
    [InlineData("0000:01:00.0", "0000:01:00.0")]
    [InlineData("01:00.0", "0000:01:00.0")]
    [InlineData("10000:ff:1f.7", "10000:ff:1f.7")]
    [InlineData("0002:0A:0b.1", "0002:0a:0b.1")]
    public void An_address_is_read_and_written(string text, string canonical) =>
        PciAddress.Parse(text).ToString().Should().Be(canonical);

    [Theory]
    [InlineData("")]
    [InlineData("01:00")]
    [InlineData("01:20.0")]
    [InlineData("01:00.8")]
    [InlineData("1:00.0")]
    [InlineData("000:01:00.0")]
    [InlineData("0000.01:00.0")]
    [InlineData("01:00.0 ")]
    [InlineData("01:0x.0")]
    [InlineData("+1:00.0")]
    public void What_is_no_address_is_refused_by_its_text(string text) =>
        FluentActions.Invoking(() => PciAddress.Parse(text))
            .Should().Throw<FormatException>().WithMessage($"'{text}'*");

    [Fact]
    public void Addresses_sort_as_lspci_sorts_them()
    {
        string[] sorted = ["0000:00:03.0", "0000:01:00.0", "0000:01:00.1", "0000:01:01.0", "0001:00:00.0"];

        sorted.Reverse().Select(PciAddress.Parse).Order().Select(address => address.ToString())
            .Should().Equal(sorted);
    }

    [Fact]
    public void The_requester_id_packs_bus_device_and_function() =>
        PciAddress.Parse("0000:01:1f.7").RequesterId.Should().Be(0x01ff);

    [Theory]
    [InlineData("0000:01:00.0", "0000:01:00.1")]
    [InlineData("0000:ff:00.0", "0001:00:00.0")]
    public void One_comes_before_the_other(string first, string second)
    {
        (PciAddress left, PciAddress right) = (PciAddress.Parse(first), PciAddress.Parse(second));

        new[] { left < right, left <= right, right > left, right >= left }.Should().AllBeEquivalentTo(true);
        new[] { right < left, right <= left, left > right, left >= right }.Should().AllBeEquivalentTo(false);
        PciAddress same = left;
        new[] { left <= same, left >= same }.Should().AllBeEquivalentTo(true);
        new[] { left < same, left > same }.Should().AllBeEquivalentTo(false);
    }
}

namespace VfioPm.Tests;

public sealed class FirmwareTests
{
    [Fact]
    public void A_board_has_all_its_words_and_firmware_has_a_board()
    {
        FluentActions.Invoking(static () => new Board(null!, "")).Should().Throw<ArgumentNullException>().WithParameterName("Vendor");
        FluentActions.Invoking(static () => new Board("", null!)).Should().Throw<ArgumentNullException>().WithParameterName("Name");
        FluentActions.Invoking(static () => new Board("", "", null!)).Should().Throw<ArgumentNullException>().WithParameterName("Version");
        FluentActions.Invoking(static () => new Firmware { Board = null! }).Should().Throw<ArgumentNullException>().WithParameterName("value");
    }
}

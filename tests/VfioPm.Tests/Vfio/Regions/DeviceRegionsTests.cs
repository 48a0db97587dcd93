namespace VfioPm.Tests;

public sealed class DeviceRegionsTests
{
    [Theory]
    [InlineData(0, 0x0, 0x1000, true)]
    [InlineData(0, 0x1, 0x1000, false)]
    [InlineData(0, 0x20000, 0x1000, false)]
    [InlineData(2, 0x0, 0x1000, false)]
    [InlineData(5, 0x0, 0x1000, false)]
    [InlineData(6, 0x0, 0x1000, false)]
    [InlineData(7, 0x0, 0x1000, false)]
    public void Only_pages_of_memory_BARs_can_be_mapped(int index, ulong offset, ulong length, bool isMappable)
    {
        PciFunction function = new(new VirtualClock(), DeviceImages.E1000E);
        DeviceRegions regions = new(
            new FunctionFacts { VendorId = 0, DeviceId = 0, Bars = new BarResources(function) },
            function.Configuration.Size,
            MsiXTable.Of(function));

        regions.CheckMapping(index, offset, length).Should().Be(isMappable ? 0 : -Errno.EINVAL);
    }
}

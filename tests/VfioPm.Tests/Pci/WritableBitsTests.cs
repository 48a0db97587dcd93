namespace VfioPm.Tests.Pci;

public class WritableBitsTests
{
    private const int CacheLineSize = 0x0c;
    private const int VendorSpecific = 0x40;

    [Fact]
    public void Silicon_can_lack_bits_that_the_specification_has()
    {
        int deviceControl = DeviceImages.E1000E.Capabilities.Find(CapabilityId.Express)!.Value.Offset
            + ExpressRegisters.DeviceControl;
        PciFunction function = PciFunction.Standalone(DeviceImages.E1000E.WithWritableBits(deviceControl, 2, 0));
        uint before = function.ReadConfig(deviceControl, 2);

        function.WriteConfig(deviceControl, 2, 0x281f);
        function.ReadConfig(deviceControl, 2).Should().Be(before);
        function.Reset(ResetKind.PowerLoss);
        function.ReadConfig(deviceControl, 2).Should().Be(before, "there is nothing that could have a reset value");
    }

    // PCI Power Management 1.2, section 3.2.4; PCI Express Base, section 7.5.3.12.
    [Fact]
    public void What_can_be_written_follows_what_the_function_has()
    {
        WrittenTo(DeviceImages.Nvme.WithPowerManagement(0x0003), Pmcsr, PmRegisters.DataSelectMask).Should().Be(0);
        WrittenTo(DeviceImages.Nvme.WithPowerManagement(0x0003, controlStatus: 0x2000), Pmcsr, PmRegisters.DataSelectMask)
            .Should().Be(PmRegisters.DataSelectMask, "it has a data register, since it says how that is scaled");
        WrittenTo(DeviceImages.RootPort, RootControl, 0x1f).Should().Be(0x0f);
        WrittenTo(DeviceImages.RootPort.WithRetryVisibility(), RootControl, 0x1f).Should().Be(0x1f);
        WrittenTo(DeviceImages.RootPort.WithPortType(ExpressPortType.DownstreamPort), RootControl, 0x1f).Should().Be(0);
    }

    [Fact]
    public void Silicon_can_keep_bits_that_the_specification_has_not_until_a_reset()
    {
        DeviceImage image = DeviceImages.E1000E.WithWritableBits(VendorSpecific, 4, 0x0000_ff00);
        PciFunction function = PciFunction.Standalone(image);
        uint before = function.ReadConfig(VendorSpecific, 4);

        function.WriteConfig(VendorSpecific, 4, ~before);
        function.ReadConfig(VendorSpecific, 4).Should().Be(before ^ 0x0000_ff00);
        function.Reset();
        function.ReadConfig(VendorSpecific, 4).Should().Be(before);
    }

    [Fact]
    public void What_is_said_of_one_byte_is_not_said_of_those_beside_it()
    {
        PciFunction function = PciFunction.Standalone(DeviceImages.E1000E
            .WithWritableBits(VendorSpecific, 4, 0xffff_ffff).WithWritableBits(VendorSpecific + 1, 1, 0x0f));

        Enumerable.Range(VendorSpecific, 4).Select(offset => function.Configuration.Layout.WritableAt(offset)).Should().Equal(0xff, 0x0f, 0xff, 0xff);
    }

    [Fact]
    public void What_was_said_of_the_silicon_stays_with_the_image_wherever_it_goes()
    {
        DeviceImage image = DeviceImages.E1000E.WithWritableBits(CacheLineSize, 1, 0x0f)
            .At(PciAddress.Parse("0000:02:00.0"))
            .WithBarSize(0, 0x4000)
            .WithBytes(DeviceImages.E1000E.Bytes.Span)
            .WithResources("0x0000000000000000 0x0000000000000000 0x0000000000000000\n");
        PciFunction function = PciFunction.Standalone(image);

        function.WriteConfig(CacheLineSize, 1, 0xff);

        function.ReadConfig(CacheLineSize, 1).Should().Be(0x0f);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 3)]
    [InlineData(0x0fff, 2)]
    public void A_register_that_cannot_be_is_misuse(int offset, int width)
    {
        Action act = () => DeviceImages.E1000E.WithWritableBits(offset, width, 0);

        act.Should().Throw<ArgumentOutOfRangeException>();
    }

    private static int Pmcsr(PciFunction function) => function.Pm!.ControlStatusOffset;

    private static int RootControl(PciFunction function) =>
        function.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.RootControl;

    private static uint WrittenTo(DeviceImage image, Func<PciFunction, int> register, uint bits)
    {
        PciFunction function = PciFunction.Standalone(image);
        function.WriteConfig(register(function), 2, bits);
        return function.ReadConfig(register(function), 2) & bits;
    }
}

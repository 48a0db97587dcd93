namespace VfioPm.Tests.Pci;

/// <summary>PCI Local Bus 3.0, section 6.2.5.</summary>
public class BarTests
{
    [Fact]
    public void The_network_card_has_the_BARs_that_its_kernel_found() =>
        DeviceImages.E1000E.Bars.Should().Equal(
            new Bar(0, 0x10, BarKind.Memory32, Prefetchable: false, 0x2_0000),
            new Bar(1, 0x14, BarKind.Memory32, Prefetchable: false, 0x2_0000),
            new Bar(2, 0x18, BarKind.Io, Prefetchable: false, 0x20),
            new Bar(3, 0x1c, BarKind.Memory32, Prefetchable: false, 0x4000),
            new Bar(Bar.RomIndex, 0x30, BarKind.Rom, Prefetchable: true, 0x4_0000));

    [Theory]
    [InlineData(0x10, 0xfffe_0000)]
    [InlineData(0x18, 0xffff_ffe1)]
    [InlineData(0x1c, 0xffff_c000)]
    [InlineData(0x20, 0x0000_0000)]
    [InlineData(0x30, 0xfffc_0001)]
    public void Writing_all_ones_shows_the_size(int register, uint expected)
    {
        PciFunction function = PciFunction.Standalone(DeviceImages.E1000E);

        function.WriteConfig(register, 4, 0xffff_ffff);

        function.ReadConfig(register, 4).Should().Be(expected);
    }

    [Fact]
    public void A_64_bit_BAR_takes_two_registers()
    {
        PciFunction function = PciFunction.Standalone(DeviceImages.Nvme);

        function.WriteConfig(0x10, 4, 0xffff_ffff);
        function.WriteConfig(0x14, 4, 0xffff_ffff);

        function.ReadConfig(0x10, 4).Should().Be(0xffff_c004);
        function.ReadConfig(0x14, 4).Should().Be(0xffff_ffff);
        function.Bars.Should().ContainSingle();
        function.Bars[0].AddressIn(function.Configuration).Should().Be(0xffff_ffff_ffff_c000);
    }

    [Fact]
    public void A_BAR_of_more_than_4_GiB_has_its_bits_in_the_upper_register()
    {
        PciFunction function = PciFunction.Standalone(DeviceImages.Nvme.WithBarSize(0, 1UL << 34));

        function.WriteConfig(0x10, 4, 0xffff_ffff);
        function.WriteConfig(0x14, 4, 0xffff_ffff);

        function.ReadConfig(0x10, 4).Should().Be(0x0000_0004);
        function.ReadConfig(0x14, 4).Should().Be(0xffff_fffc);
    }

    [Fact]
    public void Command_enables_memory_and_IO_apart()
    {
        var silicon = new Silicon();

        silicon.Command = PciRegisters.CommandMemory;
        silicon.Endpoint.Decodes(0).Should().BeTrue();
        silicon.Endpoint.Decodes(2).Should().BeFalse();

        silicon.Command = PciRegisters.CommandIo;
        silicon.Endpoint.Decodes(0).Should().BeFalse();
        silicon.Endpoint.Decodes(2).Should().BeTrue();
    }

    [Fact]
    public void The_ROM_needs_its_own_enable_bit_as_well()
    {
        var silicon = new Silicon();
        silicon.Endpoint.Decodes(Bar.RomIndex).Should().BeFalse();

        silicon.Endpoint.WriteConfig(PciRegisters.RomAddress, 4, PciRegisters.RomAddressEnable);

        silicon.Endpoint.Decodes(Bar.RomIndex).Should().BeTrue();
    }

    [Fact]
    public void What_is_written_behind_a_BAR_is_read_back_bytewise()
    {
        var silicon = new Silicon();

        silicon.Endpoint.WriteBar(0, 0xffe, 8, 0x1122_3344_5566_7788);

        silicon.Endpoint.ReadBar(0, 0x1000, 2).Should().Be(0x5566);
        silicon.Endpoint.ReadBar(1, 0x1000, 2).Should().Be(0, "another BAR is another memory");
    }

    [Theory]
    [InlineData(0, 0x1_fffd, 4)]
    [InlineData(0, -1, 1)]
    [InlineData(4, 0, 1)]
    [InlineData(0, 0, 3)]
    public void An_access_outside_of_a_BAR_is_misuse(int bar, long offset, int width)
    {
        PciFunction function = PciFunction.Standalone(DeviceImages.E1000E);

        FluentActions.Invoking(() => function.ReadBar(bar, offset, width))
            .Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void A_register_of_zeros_is_a_BAR_once_its_size_is_known()
    {
        DeviceImage image = DeviceImages.E1000E.WithBarSize(4, 0x1000);

        image.Bars.Should().Contain(new Bar(4, 0x20, BarKind.Memory32, Prefetchable: false, 0x1000));
        image.WithBarSize(4, 0).Bars.Should().NotContain(bar => bar.Index == 4);
    }

    [Theory]
    [InlineData(0, 0x3000)]
    [InlineData(0, 8)]
    [InlineData(2, 2)]
    [InlineData(7, 0x1000)]
    [InlineData(-1, 0x1000)]
    public void A_size_that_no_BAR_can_have_is_refused(int bar, ulong size) =>
        FluentActions.Invoking(() => DeviceImages.E1000E.WithBarSize(bar, size))
            .Should().Throw<ArgumentOutOfRangeException>();

    // PCI-to-PCI Bridge 1.2, section 3.2.5.
    [Fact]
    public void A_port_decodes_its_buses_and_windows()
    {
        BridgeHeader bridge = PciFunction.Standalone(DeviceImages.RootPort).Bridge!;

        (bridge.PrimaryBus, bridge.SecondaryBus, bridge.SubordinateBus).Should().Be((0, 1, 1));
        bridge.IoWindow.Should().Be(new BridgeWindow(0xc000, 0xcfff));
        bridge.MemoryWindow.Should().Be(new BridgeWindow(0xfe60_0000, 0xfe7f_ffff));
        bridge.PrefetchableWindow.Should().Be(new BridgeWindow(0xfea0_0000, 0xfebf_ffff));
    }
}

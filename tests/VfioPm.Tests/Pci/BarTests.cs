using System.Buffers.Binary;

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

    // A BAR lies at a multiple of its size, so that an address says how large it can be at most.
    [Theory]
    [InlineData(0xfe00_0000u, BarKind.Memory32, 0x1_0000ul)]
    [InlineData(0xfe00_1000u, BarKind.Memory32, 0x1000ul)]
    [InlineData(0xfe00_0010u, BarKind.Memory32, 0x10ul)]
    [InlineData(0x0000_0008u, BarKind.Memory32, 0x1_0000ul)]
    [InlineData(0xfe00_1004u, BarKind.Memory64, 0x1000ul)]
    [InlineData(0x0000_c001u, BarKind.Io, 0x20ul)]
    [InlineData(0x0000_c009u, BarKind.Io, 0x8ul)]
    public void A_size_that_nobody_told_is_guessed_from_the_address(uint register, BarKind kind, ulong size)
    {
        Bar bar = Header(headerType: 0, (PciRegisters.BaseAddress0, register)).Bars.Should().ContainSingle().Which;

        (bar.Kind, bar.Size, bar.IsSizeGuessed).Should().Be((kind, size, true));
    }

    [Fact]
    public void The_size_of_a_ROM_is_guessed_too()
    {
        Header(headerType: 0, (PciRegisters.RomAddress, 0xfe00_0801)).Bars.Should().ContainSingle().Which.Size.Should().Be(0x800);
        Header(headerType: 0, (PciRegisters.RomAddress, 0xfe10_0000)).Bars.Should().ContainSingle().Which.Size.Should().Be(0x1_0000);
    }

    // PCI-to-PCI Bridge 1.2, section 3.2: two BARs, and the ROM elsewhere; cards of CardBus have neither.
    [Theory]
    [InlineData(0, new[] { 0, 1, 2, 3, 4, 5, Bar.RomIndex })]
    [InlineData(1, new[] { 0, 1, Bar.RomIndex })]
    [InlineData(2, new int[0])]
    public void How_many_there_are_depends_on_the_header(int headerType, int[] indices)
    {
        (int, uint)[] registers = [.. Enumerable.Range(0, 12).Select(static i => (PciRegisters.BaseAddress0 + (4 * i), 0xfe00_0000u))];
        DeviceImage image = Header((byte)headerType, registers);

        image.Bars.Select(static bar => bar.Index).Should().Equal(indices);
        if (headerType == 1)
        {
            image.Bars[^1].Register.Should().Be(PciRegisters.BridgeRomAddress);
        }
    }

    [Fact]
    public void The_last_one_has_no_register_left_for_an_upper_half()
    {
        DeviceImage image = Header(headerType: 0, (0x20, 0xfe00_0004), (0x24, 0xfe01_0004));
        image.Bars.Select(static bar => (bar.Index, bar.Kind)).Should().Equal((4, BarKind.Memory64));

        image = Header(headerType: 0, (0x24, 0xfe01_0004));
        image.Bars.Select(static bar => (bar.Index, bar.Kind)).Should().Equal((5, BarKind.Memory32));
    }

    [Fact]
    public void Above_4_GiB_the_address_is_in_both_registers_as_far_as_its_size_leaves_it_there()
    {
        DeviceImage image = Header(headerType: 0, (0x10, 0x8000_000c), (0x14, 7));
        AddressOf(image).Should().Be(0x7_8000_0000);

        AddressOf(image.WithBarSize(0, 1UL << 33)).Should().Be(0x6_0000_0000);
        image.WithBarSize(0, 1UL << 33).Bytes.Span[0x10].Should().Be(0x0c, "what it is stays");
    }

    [Fact]
    public void The_address_of_ports_begins_at_the_third_bit()
    {
        DeviceImage image = Header(headerType: 0, (0x18, 0x0000_c00d)).WithBarSize(2, 4);

        AddressOf(image).Should().Be(0xc00c);
    }

    [Theory]
    [InlineData(-1, BarKind.Memory32, false)]
    [InlineData(0, BarKind.Memory32, true)]
    [InlineData(0xffc, BarKind.Memory32, true)]
    [InlineData(0xffd, BarKind.Memory32, false)]
    [InlineData(0xff8, BarKind.Memory64, true)]
    [InlineData(0xffc, BarKind.Memory64, false)]
    public void A_register_outside_of_the_space_holds_no_address(int register, BarKind kind, bool isIn)
    {
        ConfigurationSpace space = PciFunction.Standalone(DeviceImages.E1000E).Configuration;
        Action read = () => new Bar(0, register, kind, Prefetchable: false, 0x1000).AddressIn(space);

        if (isIn)
        {
            read.Should().NotThrow();
        }
        else
        {
            read.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("space").WithMessage("*outside of the 0x1000 bytes*");
        }
    }

    // PCI-to-PCI Bridge 1.2, sections 3.2.5.6, 3.2.5.9 and 3.2.5.10: the low four bits say whether there is an upper half.
    [Fact]
    public void A_window_has_an_upper_half_where_its_register_says_so()
    {
        (int, uint)[] registers =
        [
            (PciRegisters.IoBase, 0x3020), (PciRegisters.IoBaseUpper, 0x0002_0001),
            (PciRegisters.PrefetchableBase, 0x0020_0010), (PciRegisters.PrefetchableBaseUpper, 3), (PciRegisters.PrefetchableBaseUpper + 4, 4),
        ];
        BridgeHeader narrow = PciFunction.Standalone(Header(headerType: 1, registers)).Bridge!;
        narrow.IoWindow.Should().Be(new BridgeWindow(0x2000, 0x3fff));
        narrow.PrefetchableWindow.Should().Be(new BridgeWindow(0x10_0000, 0x2f_ffff));

        registers[0].Item2 = 0x3121;
        registers[2].Item2 = 0x0021_0011;
        BridgeHeader wide = PciFunction.Standalone(Header(headerType: 1, registers)).Bridge!;
        wide.IoWindow.Should().Be(new BridgeWindow(0x1_2000, 0x2_3fff));
        wide.PrefetchableWindow.Should().Be(new BridgeWindow(0x3_0010_0000, 0x4_002f_ffff));
    }

    [Theory]
    [InlineData(5, 5, true)]
    [InlineData(5, 6, true)]
    [InlineData(6, 5, false)]
    public void A_window_is_open_if_it_has_an_address(ulong first, ulong last, bool isOpen) =>
        new BridgeWindow(first, last).IsOpen.Should().Be(isOpen);

    private static ulong AddressOf(DeviceImage image)
    {
        PciFunction function = PciFunction.Standalone(image);
        return function.Bars[0].AddressIn(function.Configuration);
    }

    private static DeviceImage Header(byte headerType, params (int Offset, uint Value)[] registers)
    {
        byte[] space = new byte[PciRegisters.ConventionalSize];
        BinaryPrimitives.WriteUInt32LittleEndian(space, 0x1234_8086);
        foreach ((int offset, uint value) in registers)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(space.AsSpan(offset), value);
        }

        space[PciRegisters.HeaderType] = headerType;
        return DeviceImage.FromConfigBytes(space);
    }
}

namespace VfioPm.Tests.Pci;

/// <summary>What the capability says of BARs whose size software chooses (PCI Express Base, section 7.8.6).</summary>
public sealed class ResizableBarsTests
{
    private const int Start = CapabilityImages.Extended;

    // Sizes from 1 MB to 128 TB are in bits 4 to 31 of one register, larger ones in bits 16 to 31 of the other.
    [Theory]
    [InlineData(0x0000_0010u, 0x0000_0020u, 0)]
    [InlineData(0x0000_0f00u, 0x0000_0020u, 4)]
    [InlineData(0x8000_0000u, 0x0000_0020u, 27)]
    [InlineData(0x0000_0000u, 0x0001_0020u, 28)]
    [InlineData(0x0000_0000u, 0x0008_0020u, 31)]
    [InlineData(0x0000_0020u, 0x0001_0020u, 1)]
    [InlineData(0x0000_0000u, 0x0000_0020u, 0)]
    public void The_smallest_size_is_the_lowest_bit_and_what_the_device_comes_up_with(uint sizes, uint control, int power)
    {
        ResizableBars bars = Find((0x04, sizes), (0x08, control));
        ulong smallest = 1UL << (20 + power);

        bars.DefaultFieldAt(Start + 0x08).Should().Be((uint)power << 8);
        bars.AsSmallAsPossible(Memory(0, 1UL << 52)).Size.Should().Be(smallest);
        bars.AsSmallAsPossible(Memory(0, smallest >> 1)).Size.Should().Be(smallest >> 1, "it is smaller already");
        bars.AsSmallAsPossible(Memory(1, 1UL << 52)).Size.Should().Be(1UL << 52, "that is another BAR");
    }

    [Fact]
    public void Each_has_its_own_registers_and_the_first_says_how_many_there_are()
    {
        ResizableBars bars = Find((0x04, 0x10), (0x08, 0x0000_0040), (0x0c, 0x100), (0x10, 0x0000_0002), (0x14, 0x10), (0x18, 0x4));

        bars.Has(Memory(0, 1)).Should().BeTrue();
        bars.Has(Memory(2, 1)).Should().BeTrue();
        bars.Has(Memory(4, 1)).Should().BeFalse("there are two");
        bars.DefaultFieldAt(Start + 0x10).Should().Be(0x400);
        bars.Watched([Memory(0, 0x10_0000), Memory(2, 0x100_0000, is64Bit: true), Memory(5, 0x1000)]).Should().BeEquivalentTo(
            [Start + 0x08, Start + 0x10, 0x10, 0x18, 0x1c]);
    }

    [Theory]
    [InlineData(0x0000_0f20u, 0x10_0000UL, 0x0000_0020u)]
    [InlineData(0x0000_3f27u, 0x100_0000UL, 0x0000_0427u)]
    [InlineData(0xffff_0025u, 1UL, 0xffff_0025u)]
    [InlineData(0x0000_0020u, 1UL << 47, 0x0000_1b20u)]
    public void A_control_register_with_another_size_is_otherwise_as_it_was(uint control, ulong size, uint expected) =>
        ResizableBars.WithSize(control, size).Should().Be(expected);

    // What there is no room for is not there.
    [Theory]
    [InlineData(0xff8, null)]
    [InlineData(0xff4, 1)]
    [InlineData(0xff0, 1)]
    [InlineData(0xfec, 2)]
    [InlineData(0xfe4, 3)]
    public void A_capability_at_the_end_of_the_space_has_as_many_as_there_is_room_for(int start, int? count)
    {
        byte[] space = new byte[0x1000];
        space[PciRegisters.Status] = 0x10;
        BitConverter.TryWriteBytes(space.AsSpan(0x100), (uint)(start << 20) | (1u << 16) | 0x0001);
        BitConverter.TryWriteBytes(space.AsSpan(start), (1u << 16) | ExtendedCapabilityId.ResizableBar);
        BitConverter.TryWriteBytes(space.AsSpan(start + 8), 0x0000_00c0u);

        ResizableBars? bars = ResizableBars.Find(space, CapabilityList.Walk(space));

        (bars?.Watched([]).Count()).Should().Be(count);
    }

    private static Bar Memory(int index, ulong size, bool is64Bit = false) => new(
        index, PciRegisters.BaseAddress0 + (4 * index), is64Bit ? BarKind.Memory64 : BarKind.Memory32, Prefetchable: true, size);

    private static ResizableBars Find(params (int Offset, uint Value)[] registers)
    {
        DeviceImage image = DeviceImages.E1000E.WithExtended(ExtendedCapabilityId.ResizableBar, registers);
        return ResizableBars.Find(image.Bytes.Span, image.Capabilities)!;
    }
}

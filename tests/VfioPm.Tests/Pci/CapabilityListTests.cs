namespace VfioPm.Tests.Pci;

public class CapabilityListTests
{
    [Fact]
    public void Both_lists_are_walked_in_their_order()
    {
        CapabilityList list = CapabilityList.Walk(DeviceImages.E1000E.Bytes.Span);

        list.Items.Select(item => (item.Offset, item.Id, item.IsExtended)).Should().Equal(
            (0xc8, CapabilityId.PowerManagement, false),
            (0xd0, CapabilityId.Msi, false),
            (0xe0, CapabilityId.Express, false),
            (0xa0, CapabilityId.MsiX, false),
            (0x100, ExtendedCapabilityId.AdvancedErrorReporting, true),
            (0x140, 0x0003, true));
        list.Findings.Should().BeEmpty();
    }

    [Theory]
    [InlineData(0xc8, CapabilityFault.Loop)]
    [InlineData(0xd0, CapabilityFault.Loop)]
    [InlineData(0x3c, CapabilityFault.PointsIntoHeader)]
    [InlineData(0x04, CapabilityFault.PointsIntoHeader)]
    [InlineData(0xe1, CapabilityFault.Unaligned)]
    [InlineData(0xe2, CapabilityFault.Unaligned)]
    public void A_wrong_pointer_is_reported_and_not_followed(byte target, CapabilityFault fault)
    {
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        bytes[0xd1] = target;

        CapabilityList list = CapabilityList.Walk(bytes);

        list.Findings.Should().Equal(new CapabilityFinding(0xd1, target, fault));
        list.Items.Where(item => !item.IsExtended).Select(item => item.Offset).Should().Equal(0xc8, 0xd0);
    }

    [Theory]
    [InlineData(0x100, CapabilityFault.Loop)]
    [InlineData(0x040, CapabilityFault.PointsIntoHeader)]
    [InlineData(0x142, CapabilityFault.Unaligned)]
    public void So_is_a_wrong_pointer_of_the_extended_list(int target, CapabilityFault fault)
    {
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        bytes[0x102] = (byte)((bytes[0x102] & 0x0f) | (target << 4));
        bytes[0x103] = (byte)(target >> 4);

        CapabilityList list = CapabilityList.Walk(bytes);

        list.Findings.Should().Equal(new CapabilityFinding(0x102, target, fault));
        list.Items.Where(item => item.IsExtended).Select(item => item.Offset).Should().Equal(0x100);
    }

    [Fact]
    public void A_pointer_to_bytes_that_read_all_ones_is_reported()
    {
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        bytes.AsSpan(0xe0, 4).Fill(0xff);

        CapabilityList.Walk(bytes).Findings.Should().Equal(
            new CapabilityFinding(0xd1, 0xe0, CapabilityFault.NoAnswer));
    }

    [Fact]
    public void A_pointer_behind_the_bytes_there_are_is_reported() =>
        CapabilityList.Walk(DeviceImages.E1000E.Bytes.Span[..64]).Findings.Should().Equal(
            new CapabilityFinding(0x34, 0xc8, CapabilityFault.PointsOutside));

    [Fact]
    public void Without_the_bit_in_Status_there_is_no_standard_list()
    {
        byte[] bytes = DeviceImages.E1000E.Bytes[..256].ToArray();
        bytes[PciRegisters.Status] &= 0xef;

        CapabilityList.Walk(bytes).Items.Should().BeEmpty();
    }
}

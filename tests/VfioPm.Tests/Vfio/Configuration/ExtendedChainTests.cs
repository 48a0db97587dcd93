namespace VfioPm.Tests;

/// <summary>Chains of capabilities as <c>vfio_cap_init()</c> and <c>vfio_ecap_init()</c> read them, broken ones too.</summary>
public sealed class ExtendedChainTests
{
    private const int Extended = PciRegisters.ConventionalSize;
    private const int Hidden = 0x19;

    // vfio_fill_vconfig_bytes()
    [Fact]
    public void What_is_shown_is_read_in_as_few_pieces_as_its_place_allows_and_nothing_behind_it()
    {
        FakeFunction function = new FakeFunction().With(0x4A, CapabilityId.AdvancedFeatures, 0x06, 0x03, 0x00, 0x00).With(0x60, 0x09, 0x07);

        function.TryOpen(out _).Should().Be(0);

        function.Log.Where(static line => line.StartsWith("read 4", StringComparison.Ordinal) && line is not "read 4/4")
            .Should().Equal("read 4a/1", "read 4b/1", "read 4a/2", "read 4c/4");
        function.Log.Where(static line => line.StartsWith("read 6", StringComparison.Ordinal))
            .Should().Equal("read 6/2", "read 60/1", "read 61/1", "read 62/1", "read 60/4", "read 64/2", "read 66/1");
    }

    [Fact]
    public void Without_the_bit_in_Status_there_is_no_chain()
    {
        FakeFunction function = new FakeFunction().With(0x40, CapabilityId.MsiX, new byte[10]);
        function.Registers[PciRegisters.Status, 2] = 0xFFFF & ~(uint)PciRegisters.StatusCapabilityList;

        function.Open().Map[0x40].Should().Be(CapabilityMap.Unassigned);
    }

    // vfio_msi_cap_len(): the permissions of the first are kept.
    [Fact]
    public void Of_two_MSI_capabilities_the_first_says_what_may_be_written()
    {
        FakeFunction function = new FakeFunction()
            .With(0x40, CapabilityId.Msi, new byte[8]).With(0x50, CapabilityId.Msi, 0x00, 0x01);

        function.Open().Put(0x5C, 4, 0x5555_5555).Should().Be(4);

        function.Registers[0x5C, 4].Should().Be(0);
    }

    [Fact]
    public void One_that_is_hidden_is_told_of_once()
    {
        VirtualConfiguration configuration = Express().WithExtended(Extended, 0x03, 0x140).WithExtended(0x140, Hidden, 0).Open();

        configuration.Notices.Should().Equal(new CapabilityNotice(CapabilityNoticeKind.Hidden, Hidden, 0x140));
    }

    /// <summary>960 headers of four bytes fit behind the first 256 bytes.</summary>
    [Fact]
    public void A_chain_that_bites_its_tail_ends_and_if_all_of_it_is_hidden_there_is_none()
    {
        VirtualConfiguration configuration =
            Express().WithExtended(Extended, Hidden, 0x140).WithExtended(0x140, Hidden, 0x140).Open();

        configuration.Notices.Should().HaveCount(960);
        configuration.Get(Extended, 4).Should().Be(0);
    }

    // pci_mmcfg_read(): no register is behind 4 KiB.
    [Fact]
    public void A_capability_that_says_its_length_behind_the_end_makes_the_open_fail()
    {
        FakeFunction function = Express().WithExtended(Extended, 0x03, 0xFFC);
        function.Registers[0xFFC, 4] = ExtendedCapabilityId.VendorSpecific | (1 << 16);

        function.TryOpen(out VirtualConfiguration? configuration).Should().Be(-Errno.EINVAL);
        configuration.Should().BeNull();
    }

    private static FakeFunction Express() => new FakeFunction(PciRegisters.ExtendedSize).With(0x40, CapabilityId.Express, 0x02, 0x00);
}

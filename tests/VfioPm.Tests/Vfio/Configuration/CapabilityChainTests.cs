namespace VfioPm.Tests;

public sealed class CapabilityChainTests
{
    private const int Pointer = PciRegisters.CapabilityPointer;

    [Fact]
    public void Unknown_and_unwanted_capabilities_are_taken_out_of_the_chain()
    {
        FakeFunction function = new FakeFunction().With(0x40, 0x0D).With(0x50, 0x01, new byte[6]).With(0x60, 0x7F);

        VirtualConfiguration configuration = function.Open();

        configuration.Get(Pointer, 1).Should().Be(0x50);
        configuration.Get(0x51, 1).Should().Be(0, "the capability behind it is hidden too");
        configuration.Notices.Should().Equal(
            new CapabilityNotice(CapabilityNoticeKind.Hidden, 0x0D, 0x40),
            new CapabilityNotice(CapabilityNoticeKind.Hidden, 0x7F, 0x60));
    }

    [Fact]
    public void With_every_capability_hidden_the_status_register_says_there_is_no_list()
    {
        VirtualConfiguration configuration = new FakeFunction().With(0x40, 0x0D).Open();

        (configuration.Get(PciRegisters.Status, 2) & PciRegisters.StatusCapabilityList).Should().Be(0);
    }

    // vfio_direct_config_read()
    [Theory]
    [InlineData(0x40, 1, 0x11)]
    [InlineData(0x40, 2, 0x0011)]
    [InlineData(0x40, 4, 0x0000_0011)]
    [InlineData(0x41, 1, 0x00)]
    public void A_capability_without_a_table_shows_the_mended_link_too(int offset, int width, uint expected)
    {
        FakeFunction function = new FakeFunction().With(0x40, CapabilityId.MsiX, new byte[10]).With(0x50, 0x0D);

        function.Open().Get(offset, width).Should().Be(expected);
    }

    [Fact]
    public void A_chain_that_bites_its_tail_ends()
    {
        FakeFunction function = new FakeFunction().With(0x40, 0x01, new byte[6]);
        function.Registers[0x41, 1] = 0x40;

        VirtualConfiguration configuration = function.Open();

        configuration.Notices.Should().HaveCount(47).And.OnlyContain(
            notice => notice.Kind == CapabilityNoticeKind.Conflict, "48 capabilities fit, and only the first is new");
    }

    // pci_read_config_word(): PCIBIOS_BAD_REGISTER_NUMBER, which becomes -EFAULT.
    [Fact]
    public void A_capability_that_is_not_aligned_makes_the_open_fail()
    {
        FakeFunction function = new FakeFunction().With(0x41, 0x05, new byte[8]);

        function.TryOpen(out VirtualConfiguration? configuration).Should().Be(-Errno.EFAULT);
        configuration.Should().BeNull();
    }

    // Under the RFC an open goes on when the resume failed: every register reads all ones.
    [Theory]
    [InlineData(PciRegisters.ConventionalSize)]
    [InlineData(PciRegisters.ExtendedSize)]
    public void A_function_that_does_not_answer_opens_without_capabilities(int size)
    {
        FakeFunction function = new(size);
        for (int i = 0; i < size; i += 4)
        {
            function.Registers[i, 4] = uint.MaxValue;
        }

        VirtualConfiguration configuration = function.Open(ConfigurationRules.RfcV1);

        (configuration.Get(PciRegisters.Status, 2) & PciRegisters.StatusCapabilityList).Should().Be(0);
        configuration.Map[0x40].Should().Be(CapabilityMap.Unassigned);
    }

    [Fact]
    public void A_capability_longer_than_the_space_is_cut_off()
    {
        FakeFunction function = new FakeFunction().With(0xF8, 0x09, 0xFF);

        VirtualConfiguration configuration = function.Open();

        configuration.Get(0xFC, 4).Should().Be(0);
        configuration.Read(0x100, new UserMemory(1)).Now().Should().Be(-Errno.EFAULT);
    }

    // A vendor-specific capability is written straight, a gap too, another capability not at all.
    [Theory]
    [InlineData(0x44, true)]
    [InlineData(0x60, true)]
    [InlineData(0x74, false)]
    public void Only_vendor_capabilities_and_gaps_take_writes_without_a_table(int offset, bool isWritten)
    {
        FakeFunction function = new FakeFunction().With(0x40, 0x09, 0x10).With(0x70, CapabilityId.MsiX, new byte[10]);
        VirtualConfiguration configuration = function.Open();

        configuration.Put(offset, 4, 0x12345678).Should().Be(4);

        function.Registers[offset, 4].Should().Be(isWritten ? 0x12345678u : 0);
    }

    // vfio_cap_len(): SATA with its registers in configuration space, HyperTransport of a kind with a longer name.
    [Theory]
    [InlineData(0x12, 0x00, 0x00, 8)]
    [InlineData(0x12, 0x00, 0x0F, 16)]
    [InlineData(0x12, 0x00, 0x0E, 8)]
    [InlineData(0x08, 0x20, 0x00, 24)]
    [InlineData(0x08, 0x00, 0x00, 28)]
    public void A_capability_is_as_long_as_it_says(int id, byte third, byte fourth, int length)
    {
        FakeFunction function = new FakeFunction().With(0x40, (byte)id, 0x00, third, fourth);
        VirtualConfiguration configuration = function.Open();

        configuration.Put(0x40 + length - 4, 2, 0x5678).Should().Be(2);
        configuration.Put(0x40 + length, 2, 0x1234).Should().Be(2);

        function.Registers[0x40 + length - 4, 2].Should().NotBe(0x5678, "nobody writes to it");
        function.Registers[0x40 + length, 2].Should().Be(0x1234, "a gap is written straight");
    }

    // vfio_fill_vconfig_bytes() reads beyond the end of what a broken chain has at the end of the space.
    [Fact]
    public void A_SATA_capability_at_the_end_of_the_space_is_cut_off()
    {
        FakeFunction function = new FakeFunction().With(0xFC, 0x12, 0x00, 0x00);

        VirtualConfiguration configuration = function.Open();

        configuration.Get(0xFC, 4).Should().Be(0x0000_0012);
        configuration.Map[0xFF].Should().Be(0x12);
    }

    // pci_read_config_word() of PCI-X: its second version brings extended space with it.
    [Theory]
    [InlineData(0x00, false)]
    [InlineData(0x10, true)]
    [InlineData(0x20, true)]
    public void Extended_capabilities_are_looked_for_behind_the_second_version_of_PCI_X(byte version, bool isLookedFor)
    {
        FakeFunction function = new FakeFunction(PciRegisters.ExtendedSize).With(0x40, 0x07, 0x00, version).WithExtended(0x100, 0x19, 0);

        function.Open().Get(0x100, 4).Should().Be(isLookedFor ? 0 : 0x0001_0019u);
    }

    // init_pci_cap_msi_perm(): what reaches the function of MSI are mask bits and pending bits, behind an address of 32 or 64 bits.
    [Theory]
    [InlineData(0x0100, 0x4C)]
    [InlineData(0x0180, 0x50)]
    public void Of_MSI_only_mask_bits_and_pending_bits_are_written(int control, int mask)
    {
        FakeFunction function = new FakeFunction().With(0x40, CapabilityId.Msi, (byte)control, (byte)(control >> 8));
        VirtualConfiguration configuration = function.Open();

        for (int offset = 0x44; offset <= mask + 4; offset += 4)
        {
            configuration.Put(offset, 4, 0x5555_5555).Should().Be(4);
            function.Registers[offset, 4].Should().Be(offset >= mask ? 0x5555_5555u : 0);
        }
    }

    [Fact]
    public void Extended_capabilities_are_looked_for_only_behind_PCI_Express()
    {
        FakeFunction conventional = new FakeFunction(PciRegisters.ExtendedSize)
            .With(0x40, CapabilityId.MsiX, new byte[10]).WithExtended(0x100, 0x19, 0);
        FakeFunction express = Express().WithExtended(0x100, 0x19, 0);

        conventional.Open().Get(0x100, 4).Should().Be(0x0001_0019, "to vfio-pci this is a gap");
        express.Open().Get(0x100, 4).Should().Be(0, "the hidden capability leaves an empty place");
    }

    [Fact]
    public void A_hidden_first_extended_capability_keeps_only_its_link()
    {
        VirtualConfiguration configuration =
            Express().WithExtended(0x100, 0x19, 0x140).WithExtended(0x140, 0x03, 0).Open();

        configuration.Get(0x100, 4).Should().Be(0x1400_0000);
        configuration.Get(0x140, 4).Should().Be(0x0001_0003);
    }

    [Fact]
    public void A_hidden_later_extended_capability_is_skipped()
    {
        VirtualConfiguration configuration = Express()
            .WithExtended(0x100, 0x03, 0x140).WithExtended(0x140, 0x1B, 0x180).WithExtended(0x180, 0x18, 0).Open();

        configuration.Get(0x100, 4).Should().Be(0x1801_0003);
    }

    // "vfio/pci: Add DVSEC PCI Extended Config Capability to user visible list", Linux 6.4.
    [Fact]
    public void Designated_vendor_capabilities_are_shown_since_Linux_6_4()
    {
        FakeFunction function = Express().WithExtended(0x100, 0x23, 0, second: 0x0180_1E98);

        function.Open(ConfigurationRules.Linux6_1).Get(0x100, 4).Should().Be(0);
        function.Open(ConfigurationRules.Linux6_12).Get(0x100, 4).Should().Be(0x0001_0023);
    }

    // Lengths as vfio_cap_len() and vfio_ext_cap_len() compute them: the byte behind is a gap, the last one is not.
    [Theory]
    [InlineData(0x05, 0x0000, 10)]
    [InlineData(0x05, 0x0080, 14)]
    [InlineData(0x05, 0x0100, 20)]
    [InlineData(0x05, 0x0180, 24)]
    [InlineData(0x07, 0x0000, 8)]
    [InlineData(0x07, 0x1000, 24)]
    [InlineData(0x08, 0xE000, 24)]
    [InlineData(0x08, 0x0000, 28)]
    [InlineData(0x09, 0x0014, 20)]
    [InlineData(0x10, 0x0001, 20)]
    [InlineData(0x10, 0x0002, 50)]
    [InlineData(0x10, 0x0091, 12)]
    [InlineData(0x10, 0x0092, 44)]
    [InlineData(0x13, 0x0000, 6)]
    public void A_capability_is_as_long_as_its_registers_say(byte id, ushort second, int length)
    {
        VirtualConfiguration configuration =
            new FakeFunction().With(0x40, id, (byte)second, (byte)(second >> 8)).Open();

        configuration.Map[0x40 + length - 1].Should().Be(id);
        configuration.Map[0x40 + length].Should().Be(CapabilityMap.Unassigned);
    }

    [Theory]
    [InlineData(0x02, 0x00000003, 0x40)]
    [InlineData(0x0B, 0x01800000, 0x18)]
    [InlineData(0x0D, 0x00004021, 16)]
    [InlineData(0x0D, 0x00000000, 8)]
    [InlineData(0x0D, 0x00000020, 40)]
    [InlineData(0x16, 0x00000003, 20)]
    [InlineData(0x0D, 0x00000120, 12)]
    [InlineData(0x0D, 0x00002020, 12)]
    [InlineData(0x16, 0x0000001f, 48)]
    [InlineData(0x17, 0x00030200, 0x14)]
    [InlineData(0x17, 0x00030400, 0x0c)]
    [InlineData(0x17, 0x00030600, 0x0c)]
    [InlineData(0x17, 0x00ff0200, 0x20c)]
    public void An_extended_capability_is_as_long_as_its_registers_say(byte id, uint second, int length)
    {
        VirtualConfiguration configuration = Express().WithExtended(0x100, id, 0, second).Open();

        configuration.Map[0x100 + length - 1].Should().Be(id);
        configuration.Map[0x100 + length].Should().Be(CapabilityMap.Unassigned);
    }

    // The number of BARs is in the first control register, and of arbitration phases behind the channels (vfio_vc_cap_len()).
    [Theory]
    [InlineData(0x15, 0x000000f0, 0x00000020, 12)]
    [InlineData(0x15, 0x000000f0, 0x00000040, 20)]
    [InlineData(0x15, 0x000000f0, 0x000000c0, 52)]
    [InlineData(0x02, 0x00000000, 0x00000000, 0x1c)]
    [InlineData(0x02, 0x00000000, 0x00000001, 0x1c)]
    [InlineData(0x02, 0x00000000, 0x00000002, 0x30)]
    [InlineData(0x02, 0x00000001, 0x00000006, 0x50)]
    [InlineData(0x08, 0x00000007, 0x0000000e, 0xb0)]
    public void An_extended_capability_is_as_long_as_its_second_register_says(byte id, uint second, uint third, int length)
    {
        VirtualConfiguration configuration = Express().WithExtended(0x100, id, 0, second, third).Open();

        configuration.Map[0x100 + length - 1].Should().Be(id);
        configuration.Map[0x100 + length].Should().Be(CapabilityMap.Unassigned);
    }

    /// <summary>The map has a byte for each position.</summary>
    [Theory]
    [InlineData(0xff)]
    [InlineData(0x100)]
    [InlineData(0xffff)]
    public void An_ID_that_no_entry_has_is_hidden_also_beyond_a_byte(int id) => new CapabilityCatalog().Find(id).Should().BeNull();

    private static FakeFunction Express() =>
        new FakeFunction(PciRegisters.ExtendedSize).With(0x80, CapabilityId.Express, 0x02, 0x00);
}

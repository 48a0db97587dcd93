namespace VfioPm.Tests;

public sealed class RegionAccessTests
{
    private const int MemoryBar = 0;
    private const int IoBar = 1;

    private readonly PciFunction _function;
    private readonly RegionAccess _access;
    private readonly RegionAccess _wideAccess;

    // A function with 64 KiB of memory, 32 I/O ports, a ROM of 64 KiB, and its MSI-X table at 0x100 of the memory.
    public RegionAccessTests()
    {
        byte[] space = new byte[PciRegisters.ConventionalSize];
        Set(PciRegisters.Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandIo);
        Set(PciRegisters.Status, 2, PciRegisters.StatusCapabilityList);
        Set(PciRegisters.BaseAddress0, 4, 0xFE00_0000);
        Set(PciRegisters.BaseAddress0 + 4, 4, 0xC001);
        Set(PciRegisters.RomAddress, 4, 0xFD00_0000);
        Set(PciRegisters.CapabilityPointer, 1, 0x40);
        Set(0x40, 4, CapabilityId.MsiX | (3 << 16));
        Set(0x44, 4, 0x100);
        DeviceImage image = DeviceImage.FromConfigBytes(space)
            .WithBarSize(MemoryBar, 0x10000).WithBarSize(IoBar, 0x20).WithBarSize(Bar.RomIndex, 0x10000);
        _function = new PciFunction(new VirtualClock(), image);
        FunctionFacts facts = new() { VendorId = 0, DeviceId = 0, Bars = new BarResources(_function) };
        DeviceRegions regions = new(facts, _function.Configuration.Size, MsiXTable.Of(_function));
        _access = new RegionAccess(_function, regions, widestCycle: 4, PciPowerRules.Linux6_1);
        _wideAccess = new RegionAccess(_function, regions, widestCycle: 8, PciPowerRules.Linux6_12);

        void Set(int offset, int width, uint value)
        {
            for (int i = 0; i < width; i++)
            {
                space[offset + i] = (byte)(value >> (8 * i));
            }
        }
    }

    [Fact]
    public void What_was_written_is_read_at_any_offset_and_length()
    {
        byte[] data = [.. Enumerable.Range(1, 11).Select(i => (byte)i)];
        _access.Write(MemoryBar, 0x21, data, isMemoryEnabled: true).Should().Be(11);

        byte[] buffer = new byte[11];
        _access.Read(MemoryBar, 0x21, buffer, isMemoryEnabled: true).Should().Be(11);

        buffer.Should().Equal(data);
        _function.ReadBar(MemoryBar, 0x24, 4).Should().Be(0x07060504);
    }

    [Fact]
    public void An_access_across_the_end_is_cut_short_and_one_behind_it_fails()
    {
        byte[] buffer = new byte[8];

        _access.Read(MemoryBar, 0xFFFC, buffer, isMemoryEnabled: true).Should().Be(4);
        _access.Write(IoBar, 0x1E, buffer, isMemoryEnabled: true).Should().Be(2);
        _access.Read(MemoryBar, 0x10000, buffer, isMemoryEnabled: true).Should().Be(-Errno.EINVAL);
        _access.Read(3, 0, buffer, isMemoryEnabled: true).Should().Be(-Errno.EINVAL);
    }

    [Fact]
    public void Without_memory_enable_memory_fails_and_ports_do_not()
    {
        byte[] buffer = new byte[4];

        _access.Read(MemoryBar, 0, buffer, isMemoryEnabled: false).Should().Be(-Errno.EIO);
        _access.Write(MemoryBar, 0, buffer, isMemoryEnabled: false).Should().Be(-Errno.EIO);
        _access.Read(IoBar, 0, buffer, isMemoryEnabled: false).Should().Be(4);
    }

    [Fact]
    public void The_vector_table_drops_writes_and_reads_as_all_ones()
    {
        _access.Write(MemoryBar, 0xFC, [1, 2, 3, 4, 5, 6, 7, 8], isMemoryEnabled: true).Should().Be(8);

        byte[] buffer = new byte[8];
        _access.Read(MemoryBar, 0xFC, buffer, isMemoryEnabled: true);

        buffer.Should().Equal(1, 2, 3, 4, 0xFF, 0xFF, 0xFF, 0xFF);
        _function.ReadBar(MemoryBar, 0x100, 4).Should().Be(0);
    }

    /// <summary>Since Linux 6.10 there are cycles of eight bytes, which stay clear of the table too.</summary>
    [Fact]
    public void However_an_access_meets_the_vector_table_the_rest_of_it_is_done()
    {
        for (int at = 0xE0; at < 0x160; at++)
        {
            _function.WriteBar(MemoryBar, at, 1, (byte)at);
        }

        foreach (RegionAccess access in new[] { _access, _wideAccess })
        {
            for (int offset = 0xF0; offset < 0x148; offset++)
            {
                for (int length = 1; length <= 16; length++)
                {
                    byte[] read = new byte[length];
                    access.Read(MemoryBar, offset, read, isMemoryEnabled: true).Should().Be(length);
                    read.Should().Equal(Enumerable.Range(offset, length).Select(static at => at is >= 0x100 and < 0x140 ? byte.MaxValue : (byte)at));
                    access.Write(MemoryBar, offset, [.. Enumerable.Range(offset, length).Select(static at => (byte)at)], isMemoryEnabled: true)
                        .Should().Be(length);
                }
            }
        }

        Enumerable.Range(0xE0, 0x80).Should().OnlyContain(at => _function.ReadBar(MemoryBar, at, 1) == (byte)at);
    }

    [Fact]
    public void What_lies_behind_the_vector_table_is_written_by_who_writes_over_it()
    {
        _access.Write(MemoryBar, 0xFC, [.. Enumerable.Range(1, 0x48).Select(static i => (byte)i)], isMemoryEnabled: true).Should().Be(0x48);

        _function.ReadBar(MemoryBar, 0xFC, 4).Should().Be(0x04030201);
        _function.ReadBar(MemoryBar, 0x140, 4).Should().Be(0x48474645);
    }

    [Fact]
    public void The_table_alone_does_not_need_memory_enable()
    {
        _access.Read(MemoryBar, 0x100, new byte[0x40], isMemoryEnabled: false).Should().Be(0x40);
        _access.Read(MemoryBar, 0x100, new byte[0x41], isMemoryEnabled: false).Should().Be(-Errno.EIO);
    }

    [Fact]
    public void A_ROM_without_image_cannot_be_read_and_none_can_be_written()
    {
        _access.Read(VfioRegion.Rom, 0, new byte[2], isMemoryEnabled: true).Should().Be(-Errno.ENOMEM);
        _access.Write(VfioRegion.Rom, 0, new byte[2], isMemoryEnabled: true).Should().Be(-Errno.EINVAL);
    }

    [Fact]
    public void A_ROM_reads_as_its_images_and_all_ones_behind_them()
    {
        BurnRom(images: 2);
        byte[] buffer = new byte[4];

        _access.Read(VfioRegion.Rom, 0, buffer, isMemoryEnabled: true).Should().Be(4);
        buffer.Should().Equal(0x55, 0xAA, 0, 0);
        _access.Read(VfioRegion.Rom, 1022, buffer, isMemoryEnabled: true).Should().Be(4);
        buffer.Should().Equal(0, 0, 0xFF, 0xFF);
        _function.Decodes(Bar.RomIndex).Should().BeFalse("it is unmapped again");
    }

    [Theory]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", false)]
    public void pci_rom_data_struct_valid_wants_a_length_that_holds_what_is_read(string profile, bool isThere)
    {
        BurnRom(images: 1, dataLength: 0x14);
        ExpansionRom.IsThere(_function, KernelProfile.Parse(profile).Pci).Should().Be(isThere);

        BurnRom(images: 1, dataLength: 0xffff);
        ExpansionRom.IsThere(_function, KernelProfile.Parse(profile).Pci).Should().Be(isThere);

        BurnRom(images: 1, dataLength: 0x18);
        ExpansionRom.IsThere(_function, KernelProfile.Parse(profile).Pci).Should().BeTrue();
    }

    private void BurnRom(int images, uint dataLength = 0x18)
    {
        uint register = _function.ReadConfig(PciRegisters.RomAddress, 4);
        _function.WriteConfig(PciRegisters.RomAddress, 4, register | PciRegisters.RomAddressEnable);
        for (int i = 0; i < images; i++)
        {
            int start = 512 * i;
            _function.WriteBar(Bar.RomIndex, start, 2, 0xAA55);
            _function.WriteBar(Bar.RomIndex, start + 0x18, 2, 0x1C);
            _function.WriteBar(Bar.RomIndex, start + 0x1C, 4, 0x5249_4350);
            _function.WriteBar(Bar.RomIndex, start + 0x1C + 0x0A, 2, dataLength);
            _function.WriteBar(Bar.RomIndex, start + 0x1C + 0x10, 2, 1);
            _function.WriteBar(Bar.RomIndex, start + 0x1C + 0x15, 1, i == images - 1 ? 0x80u : 0);
        }

        _function.WriteConfig(PciRegisters.RomAddress, 4, register);
    }
}

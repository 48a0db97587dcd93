namespace VfioPm.Tests;

// VFIO_PCI_OFFSET_TO_INDEX, vfio_pci_rw().
public sealed class FileOffsetTests
{
    private const long Configuration = 7L << 40;

    private readonly byte[] _word = new byte[2];

    [Fact]
    public void Configuration_space_lies_at_seven_in_the_upper_bits()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Read(Configuration, _word).Should().Be((KernelResult)2);
        _word.Should().Equal(0x86, 0x80);
    }

    [Fact]
    public void A_write_there_is_a_write_to_the_region()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Write(Configuration + PciRegisters.Command, [0x00, 0x04]).Should().Be((KernelResult)2);
        nic.File.Config.Read(PciRegisters.Command, 2).Should().Be(0x0400);
    }

    [Fact]
    public void The_first_BAR_lies_at_zero()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Write(0L, [0x12, 0x34]).Should().Be((KernelResult)2);

        nic.File.Read(0L, _word).Should().Be((KernelResult)2);
        _word.Should().Equal(0x12, 0x34);
    }

    /// <summary>Of a read across the end user space keeps what it had in the rest of its buffer.</summary>
    [Fact]
    public void What_was_not_read_stays_as_it_was()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        byte[] buffer = [0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa];

        nic.File.Read(0, 0x1_fffc, buffer).Should().Be((KernelResult)4);

        buffer[4..].Should().Equal(0xaa, 0xaa, 0xaa, 0xaa);
        nic.File.Config.Read(PciRegisters.ExtendedSize - 4, 4).Should().Be(0);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(0, -1)]
    public void What_no_offset_of_a_file_can_be_is_misuse(int region, long offset)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        FluentActions.Invoking(() => nic.File.SetIoEventFd(new VfioIoEventFd(region, offset, 4, 0, new EventFd())))
            .Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => nic.File.TryMap(region, offset, 0x1000, out _)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(long.MinValue)]
    [InlineData(8L << 40)] // VGA
    [InlineData(9L << 40)]
    [InlineData(long.MaxValue)]
    public void Where_there_is_no_region_there_is_nothing(long offset)
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);

        nic.File.Read(offset, _word).Errno.Should().Be(Errno.EINVAL);
        nic.File.Write(offset, _word).Errno.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [InlineData(0UL, 0)]
    [InlineData((7UL << 40) + 5, 7)]
    [InlineData(ulong.MaxValue, 0xff_ffff)]
    public void The_upper_bits_are_the_region(ulong offset, int region) => VfioRegion.IndexOf(offset).Should().Be(region);
}

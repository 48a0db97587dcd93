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

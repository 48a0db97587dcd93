using System.Buffers.Binary;

namespace VfioPm.Tests;

/// <summary>What cannot be exported, attached to or mapped (<c>vfio_pci_core_feature_dma_buf()</c>).</summary>
public sealed class DmaBufErrorTests : IDisposable
{
    private const int IoBar = 2;

    private readonly OpenNic _nic = new(KernelProfile.Linux7_3);

    public void Dispose() => _nic.Dispose();

    [Theory]
    [InlineData("linux-5.10")]
    [InlineData("rfc-v1")]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    public void Before_Linux_7_3_there_is_no_such_feature(string profile)
    {
        using var nic = new OpenNic(KernelProfile.Parse(profile));
        nic.File.TryExport(new VfioDmaBufRequest(0, new VfioDmaRange(0, 0x1000)), out VfioDmaBuf? buffer)
            .Errno.Should().Be(Errno.ENOTTY);
        buffer.Should().BeNull();
        nic.File.Invoking(static file => file.Export(0, 0, 0x1000)).Should().Throw<InvalidOperationException>().WithMessage("*ENOTTY*");
    }

    [Theory]
    [InlineData(0, 0, 0, Errno.EINVAL)]
    [InlineData(0, 0, 0x800, Errno.EINVAL)]
    [InlineData(0, 0x800, 0x1000, Errno.EINVAL)]
    [InlineData(0, 0, 0x2_0000, null)]
    [InlineData(0, 0, 0x2_1000, Errno.EINVAL)]
    [InlineData(0, 0x2_0000, 0x1000, Errno.EINVAL)]
    [InlineData(0, 0, unchecked((long)0x8000_0000_0000_0000), Errno.EINVAL)]
    [InlineData(0, unchecked((long)0xffff_ffff_ffff_f000), 0x1000, Errno.EOVERFLOW)]
    [InlineData(0, 0x1000, 0x7fff_ffff_ffff_f000, Errno.EINVAL)]
    [InlineData(IoBar, 0, 0x1000, Errno.EINVAL)]
    [InlineData(5, 0, 0x1000, Errno.ENODEV)]
    [InlineData(VfioRegion.Rom, 0, 0x1000, Errno.ENODEV)]
    [InlineData(VfioRegion.Configuration, 0, 0x1000, Errno.ENODEV)]
    public void What_is_no_part_of_a_BAR_cannot_be_exported(int region, long offset, long length, Errno? error)
    {
        KernelResult result = _nic.File.TryExport(
            new VfioDmaBufRequest((uint)region, new VfioDmaRange((ulong)offset, (ulong)length)), out VfioDmaBuf? buffer);
        result.Errno.Should().Be(error);
        (buffer is null).Should().Be(error is not null);
        _nic.File.Device.DmaBufs.Should().HaveCount(error is null ? 1 : 0);
    }

    [Fact]
    public void Several_ranges_are_not_longer_than_a_number()
    {
        const ulong Half = 0x8000_0000_0000_0000;
        const ulong AllButAPage = 0xffff_ffff_ffff_f000;
        _nic.File.TryExport(new VfioDmaBufRequest(0, new VfioDmaRange(0, AllButAPage), new VfioDmaRange(0, 0x2000)), out _)
            .Errno.Should().Be(Errno.EINVAL, "together they are a page again, which is looked at before the BAR's addresses are");
        _nic.File.TryExport(new VfioDmaBufRequest(0, new VfioDmaRange(0, Half), new VfioDmaRange(0, Half)), out _).Errno.Should().Be(Errno.EINVAL);
        _nic.File.TryExport(new VfioDmaBufRequest(0), out _).Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void Ranges_that_are_not_in_memory_are_a_fault()
    {
        Ask(Argument(region: 0, flags: 0, count: 2, new VfioDmaRange(0, 0x1000))).Errno.Should().Be(Errno.EFAULT);
        Ask(Argument(region: 5, flags: 0, count: 2, new VfioDmaRange(0, 0x1000))).Errno.Should().Be(Errno.ENODEV, "that is looked at first");
        Ask(Argument(region: 0, flags: 1, count: 1, new VfioDmaRange(0, 0x1000))).Errno.Should().Be(Errno.EINVAL);
        byte[] cut = Argument(region: 0, flags: 0, count: 1)[..16];
        Ask(cut).Errno.Should().Be(Errno.EFAULT);
        BinaryPrimitives.WriteUInt32LittleEndian(cut, 16);
        Ask(cut).Errno.Should().Be(Errno.EINVAL, "argsz says that there is less than it takes");
    }

    [Fact]
    public void User_space_gets_the_number_of_a_descriptor()
    {
        Ask(Argument(region: 0, flags: 0, count: 1, new(0x1000, 0x1000), new(1, 1))).Value.Should().Be(3);
        _nic.File.Device.DmaBufs[0].Ranges.Should().Equal(new VfioDmaRange(0x1000, 0x1000));
        _nic.Host.VfioPci.Descriptors.Close(3).Should().Succeed();
    }

    [Fact]
    public void Only_reading_it_makes_sense()
    {
        const VfioFeatureFlags Probe = VfioFeatureFlags.Probe;
        Ask(VfioFeatureFlags.Get | Probe).Should().Succeed();
        Ask(VfioFeatureFlags.Set | Probe).Errno.Should().Be(Errno.EINVAL);
        Ask(VfioFeatureFlags.Set).Errno.Should().Be(Errno.EINVAL);

        KernelResult Ask(VfioFeatureFlags flags) => _nic.File.Feature(
            new VfioFeatureRequest(VfioFeature.DmaBuf, flags) { DmaBuf = new VfioDmaBufRequest(0, new VfioDmaRange(0, 0x1000)) });
    }

    [Fact]
    public void vfio_pci_dma_buf_attach_refuses_who_cannot_do_what_it_takes()
    {
        VfioDmaBuf buffer = _nic.File.Export(0, 0, 0x1000);
        var deaf = new VfioDmaBufImporter { IsRevocable = false };
        var unable = new VfioDmaBufImporter { AllowsPeerToPeer = false };
        buffer.TryAttach(out _, unable).Errno.Should().Be(Errno.EOPNOTSUPP);
        buffer.TryAttach(out _, deaf).Errno.Should().Be(Errno.EOPNOTSUPP);
        _nic.File.Config.WritePmcsrState(PowerState.D3Hot);
        buffer.TryAttach(out _, unable).Errno.Should().Be(Errno.EOPNOTSUPP);
        buffer.TryAttach(out _, deaf).Errno.Should().Be(Errno.ENODEV, "whether it is revoked is looked at before");
        buffer.Invoking(static revoked => revoked.Attach()).Should().Throw<InvalidOperationException>().WithMessage("*ENODEV*");
        buffer.Attachments.Should().BeEmpty();
    }

    [Fact]
    public void vfio_pci_dma_buf_map_refuses_what_is_revoked()
    {
        VfioDmaBufAttachment peer = _nic.File.Export(0, 0, 0x1000).Attach();
        _nic.File.Config.WritePmcsrState(PowerState.D3Hot);
        peer.Map().Errno.Should().Be(Errno.ENODEV);
        _nic.File.Config.WritePmcsrState(PowerState.D0);
        peer.Map().Should().Succeed();
        peer.Invoking(static mapped => mapped.Map()).Should().Throw<InvalidOperationException>();
    }

    [Theory]
    [InlineData(-4, 4)]
    [InlineData(0x1000, 4)]
    [InlineData(2, 4)]
    [InlineData(0, 3)]
    public void What_is_no_cycle_in_the_buffer_is_refused(long offset, int width)
    {
        VfioDmaBufAttachment peer = _nic.File.Export(0, 0, 0x1000).Attach();
        peer.Invoking(it => it.Read(offset, width)).Should().Throw<ArgumentOutOfRangeException>();
        peer.Invoking(it => it.Write(offset, width, 0)).Should().Throw<ArgumentOutOfRangeException>();
    }

    private KernelResult Ask(byte[] argument) => _nic.File.Ioctl((uint)VfioIoctl.DeviceFeature, argument);

    private static byte[] Argument(uint region, uint flags, uint count, params VfioDmaRange[] ranges)
    {
        uint[] header = [8 + VfioDmaBufRequest.HeaderSize, (uint)VfioFeature.DmaBuf | (uint)VfioFeatureFlags.Get, region, 0, flags, count];
        return [
            .. header.SelectMany(BitConverter.GetBytes),
            .. ranges.SelectMany(range => BitConverter.GetBytes(range.Offset).Concat(BitConverter.GetBytes(range.Length))),
        ];
    }
}

namespace VfioPm.Tests;

/// <summary>Buffers that a user exports of a BAR (<c>vfio_pci_dmabuf.c</c>, Linux 7.3), and when they are taken away from who has them.</summary>
public sealed class DmaBufTests : IDisposable
{
    private readonly OpenNic _nic = new(KernelProfile.Linux7_3);
    private readonly VfioDmaBuf _buffer;
    private readonly VfioDmaBufAttachment _peer;

    public DmaBufTests()
    {
        _buffer = _nic.File.Export(region: 0, offset: 0x1000, length: 0x2000);
        _peer = _buffer.Attach();
        _peer.Map().Should().Succeed();
    }

    private VfioPciDevice Device => _nic.File.Device;

    public void Dispose() => _nic.Dispose();

    [Fact]
    public void Another_device_reaches_the_BAR_through_what_it_mapped()
    {
        _nic.Nic.Hardware.WriteBar(0, 0x1010, 4, 0x1234);
        _peer.Read(0x10, 4).Should().Be(new MappedAccess(0x1234, IsFault: false));
        _peer.Write(0x1ff8, 8, 0x5678).IsFault.Should().BeFalse();
        _nic.Nic.Hardware.ReadBar(0, 0x2ff8, 8).Should().Be(0x5678);
    }

    [Fact]
    public void The_ranges_of_a_buffer_follow_each_other()
    {
        _nic.File.TryExport(new VfioDmaBufRequest(0, new VfioDmaRange(0x3000, 0x1000), new VfioDmaRange(0x1000, 0x1000)), out VfioDmaBuf? buffer);
        VfioDmaBufAttachment peer = buffer!.Attach();
        peer.Map().Should().Succeed();
        buffer.Length.Should().Be(0x2000);
        _nic.Nic.Hardware.WriteBar(0, 0x3000, 4, 1);
        _nic.Nic.Hardware.WriteBar(0, 0x1000, 4, 2);
        _nic.Nic.Hardware.WriteBar(0, 0x1004, 4, 3);

        peer.Read(0, 4).Value.Should().Be(1);
        peer.Read(0x1000, 4).Value.Should().Be(2);
        peer.Read(0x1004, 4).Value.Should().Be(3);
    }

    [Fact]
    public void vfio_lock_and_set_power_state_revokes_in_D3hot_and_restores_in_D0()
    {
        _nic.File.Config.WritePmcsrState(PowerState.D3Hot);
        Taken();
        _peer.Read(0, 4).IsFault.Should().BeTrue();

        _nic.File.Config.WritePmcsrState(PowerState.D0);
        GivenBack();
    }

    [Fact]
    public void vfio_basic_config_write_revokes_while_memory_is_disabled()
    {
        _nic.File.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMaster);
        Taken();
        _nic.File.Config.WritePmcsrState(PowerState.D0);
        Taken();

        _nic.File.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        GivenBack();
    }

    [Fact]
    public void vfio_basic_config_write_restores_nothing_in_D3hot()
    {
        _nic.File.Config.WritePmcsrState(PowerState.D3Hot);
        _nic.File.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        Taken();
    }

    [Fact]
    public void vfio_pci_runtime_pm_exit_restores_what_the_entry_revoked()
    {
        _nic.File.EnterLowPower().Should().Succeed();
        Taken();
        _nic.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        _nic.Nic.Should().BeIn(PowerState.D3Cold);

        _nic.File.ExitLowPower().Should().Succeed();
        GivenBack();
    }

    [Fact]
    public void vfio_pci_ioctl_reset_revokes_for_its_time()
    {
        PendingCall reset = _nic.File.BeginReset();
        reset.IsCompleted.Should().BeFalse();
        Taken();
        _nic.Host.Clock.Advance(TimeSpan.FromSeconds(1));

        reset.Result.Should().Be(KernelResult.Success);
        GivenBack();
    }

    [Fact]
    public void vfio_pci_ioctl_reset_restores_nothing_that_was_revoked_for_another_reason()
    {
        _nic.File.Config.Write(PciRegisters.Command, 2, 0);
        _nic.File.Reset().Should().Succeed();
        Taken();
    }

    [Fact]
    public void vfio_exp_config_write_revokes_for_a_function_level_reset()
    {
        using var host = new SimulatedHost(KernelProfile.Linux7_3);
        PciDevice drive = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.Nvme);
        using VfioDeviceFile file = host.VfioPci.Bind(drive).Open();
        file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        VfioDmaBuf buffer = file.Export(0, 0, 0x1000);
        VfioDmaBufAttachment peer = buffer.Attach();
        peer.Map().Should().Succeed();
        int express = drive.Hardware.Capabilities.Find(CapabilityId.Express)!.Value.Offset;

        file.Config.Write(express + ExpressRegisters.DeviceControl, 2, ExpressRegisters.DeviceControlInitiateFlr);

        peer.IsMapped.Should().BeFalse();
        peer.Invalidations.Should().Be(2);
        buffer.IsRevoked.Should().BeFalse();
    }

    [Fact]
    public void vfio_pci_dev_set_hot_reset_revokes_the_buffers_of_all_members()
    {
        PciDevice second = _nic.Port.AddEndpoint("0000:01:00.1");
        using VfioDeviceFile other = _nic.Host.VfioPci.Bind(second).Open();
        other.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        VfioDmaBuf others = other.Export(0, 0, 0x1000);
        PendingCall reset = _nic.File.BeginHotReset(_nic.File.Group, other.Group);
        reset.IsCompleted.Should().BeFalse();
        Taken();
        others.IsRevoked.Should().BeTrue();
        _nic.Host.Clock.Advance(TimeSpan.FromSeconds(5));

        reset.Result.Should().Be(KernelResult.Success);
        GivenBack();
        others.IsRevoked.Should().BeFalse();
    }

    [Fact]
    public void vfio_pci_dev_set_hot_reset_gives_back_what_it_took_before_it_met_a_member_that_is_busy()
    {
        PciDevice second = _nic.Port.AddEndpoint("0000:01:00.1");
        using VfioDeviceFile other = _nic.Host.VfioPci.Bind(second).Open();
        other.Device.TryLockMemory().Should().BeTrue();

        _nic.File.HotReset(_nic.File.Group, other.Group).Errno.Should().Be(Errno.EBUSY);

        _peer.Invalidations.Should().Be(2);
        GivenBack();
        other.Device.UnlockMemory();
    }

    [Fact]
    public void vfio_pci_dma_buf_cleanup_revokes_for_ever()
    {
        _nic.File.Close();
        Taken();
        _buffer.IsOrphaned.Should().BeTrue();
        Device.DmaBufs.Should().BeEmpty();

        using VfioDeviceFile again = Device.Open();
        again.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        again.Config.WritePmcsrState(PowerState.D0);
        Taken();
        VfioDmaBuf another = again.Export(0, 0x1000, 0x1000);
        _peer.Detach();
        _buffer.Close();
        Device.DmaBufs.Should().Equal([another], "the old one is no longer the device's");
    }

    [Fact]
    public void A_file_that_is_not_the_last_takes_nothing_along()
    {
        Device.Open().Close();
        _buffer.IsRevoked.Should().BeFalse();
        _peer.IsMapped.Should().BeTrue();
    }

    [Fact]
    public void vfio_pci_core_feature_dma_buf_exports_what_is_disabled_revoked()
    {
        _nic.File.Config.Write(PciRegisters.Command, 2, 0);
        VfioDmaBuf buffer = _nic.File.Export(0, 0, 0x1000);
        buffer.IsRevoked.Should().BeTrue();

        _nic.File.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        buffer.IsRevoked.Should().BeFalse();
    }

    [Fact]
    public void vfio_pci_dma_buf_release_comes_with_the_last_who_holds_it()
    {
        _buffer.Close();
        Device.DmaBufs.Should().Equal(_buffer);
        _peer.IsMapped.Should().BeTrue();

        _peer.Detach();
        Device.DmaBufs.Should().BeEmpty();
        Assert.Throws<ObjectDisposedException>(() => _buffer.Attach());
        Assert.Throws<ObjectDisposedException>(() => _peer.Map());
    }

    [Fact]
    public void The_number_of_a_closed_buffer_is_free_again()
    {
        var request = new VfioDmaBufRequest(0, new VfioDmaRange(0, 0x1000));
        _nic.File.TryExport(request, out _).Value.Should().Be(4);
        _buffer.Close();
        _nic.File.TryExport(request, out _).Value.Should().Be(3);
    }

    /// <summary>What is restored is mapped by nobody, until who is attached maps it again.</summary>
    private void GivenBack()
    {
        _buffer.IsRevoked.Should().BeFalse();
        _peer.IsMapped.Should().BeFalse();
        _peer.Map().Should().Succeed();
        _peer.Read(0, 4).IsFault.Should().BeFalse();
    }

    private void Taken()
    {
        _buffer.IsRevoked.Should().BeTrue();
        _peer.IsMapped.Should().BeFalse();
        _peer.Map().Errno.Should().Be(Errno.ENODEV);
        _buffer.TryAttach(out _).Errno.Should().Be(Errno.ENODEV);
    }
}

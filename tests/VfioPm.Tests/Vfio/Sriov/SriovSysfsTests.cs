namespace VfioPm.Tests;

// sriov_numvfs_store(), sriov_enable(), vfio_pci_core_sriov_configure(); recordings "sriov-enable", "sriov-parameter-off".
public sealed class SriovSysfsTests
{
    [Fact]
    public void Virtual_functions_come_and_go_with_vfio_pci_as_their_driver()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);

        machine.Enable(2).Should().Be(KernelResult.Success);

        machine.Physical.Sysfs.Read(SriovMachine.NumVfs).Text.Should().Be("2");
        machine.Host.Devices.Select(device => device.Name)
            .Should().Equal("0000:00:03.0", "0000:01:00.0", "0000:01:00.1", "0000:01:00.2");
        machine.Host.VfioPci.Devices.Should().HaveCount(3);

        machine.Enable(0).Should().Be(KernelResult.Success);

        machine.Host.Devices.Should().HaveCount(2);
        machine.Host.VfioPci.Devices.Should().Equal(machine.Bound);
        machine.Port.Downstream.Should().Equal(machine.Physical);
    }

    [Fact]
    public void Each_has_its_own_group_and_the_kernel_knows_its_identity_from_the_physical_function()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);

        machine.Enable(2);

        new[] { machine.Physical, machine.Virtual(0), machine.Virtual(1) }
            .Select(device => device.IommuGroup).Should().OnlyHaveUniqueItems();
        machine.Virtual(0).VendorId.Should().Be(0x1b36);
        machine.Virtual(0).DeviceId.Should().Be(0x0010);
        machine.Virtual(0).PhysicalFunction.Should().Be(machine.Physical);
    }

    /// <summary>pci_lock_rescan_remove() in sriov_numvfs_store().</summary>
    [Theory]
    [InlineData("linux-6.12", null)]
    [InlineData("linux-7.3", "pci_rescan_remove_lock of the host")]
    public void Linux_7_3_lets_nobody_rescan_meanwhile(string profile, string? waitsFor)
    {
        using SriovMachine machine = new(KernelProfile.Parse(profile));
        PendingCall enabling = machine.Physical.Sysfs.BeginWrite(SriovMachine.NumVfs, "2");
        PendingCall rescan = machine.Host.Topology.Sysfs.BeginWrite("rescan", "1");

        rescan.WaitsFor.Should().Be(waitsFor);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(5));
        enabling.Result.Should().Be(KernelResult.Success);
        rescan.Result.Should().Be(KernelResult.Success);
    }

    /// <summary>A deadlock of the kernel's: it has the function's lock then, and whoever removes that takes the two the other way round.</summary>
    [Theory]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", false)]
    public void In_Linux_7_3_who_enables_and_who_removes_the_function_wait_for_each_other(string profile, bool comesThrough)
    {
        using SriovMachine machine = new(KernelProfile.Parse(profile));
        machine.Physical.TryLock();
        PendingCall enabling = machine.Physical.Sysfs.BeginWrite(SriovMachine.NumVfs, "2");
        PendingCall removal = machine.Physical.Sysfs.BeginWrite("remove", "1");
        machine.Physical.Unlock();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(5));

        enabling.IsCompleted.Should().Be(comesThrough);
        removal.IsCompleted.Should().Be(comesThrough);
        removal.WaitsFor.Should().Be(comesThrough ? null : "device_lock of 0000:01:00.0");
    }

    [Theory]
    [InlineData("sriov_totalvfs", "2")]
    [InlineData("sriov_offset", "1")]
    [InlineData("sriov_stride", "1")]
    [InlineData("sriov_vf_device", "10")]
    [InlineData("sriov_drivers_autoprobe", "1")]
    public void The_capability_is_shown(string attribute, string value)
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);

        machine.Physical.Sysfs.Read(attribute).Text.Should().Be(value);
        machine.Port.Sysfs.Read(attribute).Error.Should().Be(Errno.ENOENT, "a port is no physical function");
    }

    [Fact]
    public void A_number_that_there_cannot_be_is_refused()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);

        machine.Physical.Sysfs.Write(SriovMachine.NumVfs, "x").Errno.Should().Be(Errno.EINVAL);
        machine.Enable(3).Errno.Should().Be(Errno.ERANGE);
        machine.Physical.Sysfs.Write("sriov_drivers_autoprobe", "x").Errno.Should().Be(Errno.EINVAL);
        machine.Physical.Sysfs.Write("sriov_totalvfs", "1").Errno.Should().Be(Errno.EACCES);
    }

    [Fact]
    public void There_is_no_way_from_some_to_others()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        machine.Enable(1);

        machine.Enable(2).Errno.Should().Be(Errno.EBUSY);
        machine.Enable(1).Should().Be(KernelResult.Success, "nothing changes");
    }

    [Fact]
    public void The_module_has_to_be_told_to_and_a_driver_to_be_there()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1, new VfioModuleParameters());

        machine.Enable(1).Errno.Should().Be(Errno.ENOENT);
        machine.Bound.Unbind();
        machine.Enable(1).Errno.Should().Be(Errno.ENOENT);
    }

    [Fact]
    public void Silicon_without_virtual_functions_gives_EIO_and_is_put_to_sleep_again()
    {
        DeviceImage hollow = DeviceImage.FromConfigBytes(DeviceImages.SriovNvme.Bytes.Span).WithBarSize(0, 0x4000);
        using SriovMachine machine = new(KernelProfile.Linux6_1, image: hollow);

        machine.Enable(1).Errno.Should().Be(Errno.EIO);
        machine.Settle();

        machine.Physical.Sysfs.Read(SriovMachine.NumVfs).Text.Should().Be("0");
        machine.Physical.Should().BeIn(PowerState.D3Cold).And.HaveUsageCount(0);
    }

    [Fact]
    public void Without_addresses_for_their_BARs_there_is_not_enough_memory()
    {
        byte[] bytes = DeviceImages.SriovNvme.Bytes.ToArray();
        int bar = DeviceImages.SriovNvme.Capabilities.FindExtended(ExtendedCapabilityId.Sriov)!.Value.Offset
            + SriovRegisters.VfBaseAddress0;
        bytes[bar + 1] = bytes[bar + 2] = bytes[bar + 3] = 0;
        using SriovMachine machine = new(KernelProfile.Linux6_1, image: DeviceImages.SriovNvme.WithBytes(bytes));

        machine.Enable(1).Errno.Should().Be(Errno.ENOMEM);
    }

    [Fact]
    public void Unbinding_the_physical_function_takes_them_away()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        machine.Enable(2);

        machine.Bound.Unbind();

        machine.Host.Devices.Should().HaveCount(2);
        machine.Host.VfioPci.Devices.Should().BeEmpty();
    }

    [Fact]
    public void One_that_is_open_is_taken_away_when_its_user_closes_it()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        VfioDeviceFile file = machine.OpenVirtual();
        machine.Bound.Files[0].Close();
        using ITimer timer = machine.Host.Clock.CreateTimer(
            _ => file.Close(), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        machine.Enable(0).Should().Be(KernelResult.Success);

        file.IsClosed.Should().BeTrue();
        machine.Host.Devices.Should().HaveCount(2);
        machine.Physical.IsLocked.Should().BeFalse();
    }

    [Fact]
    public void One_that_nobody_is_about_to_close_keeps_who_takes_it_away_waiting_and_who_comes_after()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        VfioDeviceFile file = machine.OpenVirtual();
        machine.Bound.Files[0].Close();

        Action disable = () => machine.Enable(0);
        Action unbind = () => machine.Bound.Unbind();

        disable.Should().Throw<SimulationDeadlockException>()
            .WithMessage("*waits for the last user of 0000:01:00.1 to close it*holds*device_lock of 0000:01:00.0*");
        unbind.Should().Throw<SimulationDeadlockException>()
            .WithMessage("*unbound from vfio-pci*waits for device_lock of 0000:01:00.0*");
        machine.Physical.IsLocked.Should().BeTrue();

        file.Close();
        machine.Settle();

        machine.Host.Devices.Should().HaveCount(2);
        machine.Physical.Driver.Should().BeNull("both calls went on");
        machine.Physical.IsLocked.Should().BeFalse();
    }

    [Fact]
    public void A_physical_function_whose_virtual_functions_another_driver_left_is_not_bound()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        machine.Bound.Unbind();
        using (KernelEntry entry = KernelEntry.Call(machine.Host.Kernel, machine.Physical.Name))
        {
            entry.Run(machine.Physical.Sriov!.Enable(1)).Should().Be(KernelResult.Success);
        }

        machine.Host.VfioPci.TryBind(machine.Physical).Errno.Should().Be(Errno.EBUSY);
    }

    [Fact]
    public void A_virtual_function_can_be_given_up_and_taken_again()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        machine.Enable(1);

        machine.BoundVirtual(0).Unbind();

        machine.Virtual(0).Driver.Should().BeNull();
        machine.Host.VfioPci.TryBind(machine.Virtual(0)).Should().Be(KernelResult.Success);
    }

    [Fact]
    public void A_fork_has_virtual_functions_of_its_own()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        machine.OpenVirtual();

        SimulatedHost fork = machine.Host.Fork();
        fork.ComputeStateHash().Should().Be(machine.Host.ComputeStateHash());
        fork["0000:01:00.1"].PhysicalFunction.Should().Be(fork["0000:01:00.0"]);
        fork.VfioPci.Devices[1].Files[0].Close();
        fork["0000:01:00.0"].Sysfs.Write(SriovMachine.NumVfs, "0").Should().Be(KernelResult.Success);

        machine.Host.Devices.Should().HaveCount(3);
        machine.BoundVirtual(0).IsOpen.Should().BeTrue();
        fork.ComputeStateHash().Should().NotBe(machine.Host.ComputeStateHash());
    }
}

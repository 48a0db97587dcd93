namespace VfioPm.Tests;

/// <summary>Why a call was refused: what is so of the function, or else what such an error means at all.</summary>
public sealed class RefusalTests
{
    public static TheoryData<Errno> Errors => [.. Enum.GetValues<Errno>()];

    [Fact]
    public void Low_power_that_was_permitted_already()
    {
        using VfioDeviceFile device = new Machine(KernelProfile.Linux6_1).Open();
        device.EnterLowPower();

        Expect(device.EnterLowPower(), Errno.EINVAL, "the user has permitted low power already", "or its eventfd is none");
    }

    [Fact]
    public void A_hot_reset_on_a_root_bus()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        using VfioDeviceFile device = host.VfioPci.Bind(host.AddEndpoint("0000:00:05.0")).Open();

        Expect(device.GetHotResetInfo(out _), Errno.ENODEV, "0000:00:05.0 is on a root bus, which nobody can reset");
    }

    [Fact]
    public void A_hot_reset_with_flags()
    {
        using VfioDeviceFile device = new Machine(KernelProfile.Linux6_1).Open();

        Expect(
            device.HotReset(1, [device.Group]),
            Errno.EINVAL,
            "or not those of all functions on the bus: 0000:01:00.0 is in group");
    }

    [Fact]
    public void A_reset_while_somebody_has_the_device_lock()
    {
        Machine machine = new(KernelProfile.Linux6_1);
        using VfioDeviceFile device = machine.Open();
        machine.Nic.TryLock().Should().BeTrue();

        Expect(device.Reset(), Errno.EAGAIN, "somebody else is busy with the function: the device_lock of one that is reset is held");
    }

    [Fact]
    public void A_hot_reset_while_the_memory_of_a_function_is_locked()
    {
        Machine machine = new(KernelProfile.Linux6_1);
        using VfioDeviceFile device = machine.Open();
        machine.Host.VfioPci[Machine.NicAddress].TryLockMemory();

        Expect(device.HotReset(device.Group), Errno.EBUSY, "the user of one of the functions has its power state or its decoding changed");
        machine.Host.VfioPci[Machine.NicAddress].UnlockMemory();
    }

    [Fact]
    public void A_reset_of_what_cannot_be_reset()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        DeviceImage image = DeviceImages.E1000E.WithoutCapability(CapabilityId.PowerManagement);
        using VfioDeviceFile device = host.VfioPci.Bind(host.AddEndpoint("0000:00:05.0", image)).Open();

        Expect(device.Reset(), Errno.EINVAL, "0000:00:05.0 could not be reset when it was opened");
    }

    [Fact]
    public void A_reset_after_which_nobody_answers()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0");
        using VfioDeviceFile device = host.VfioPci.Bind(nic).Open();
        nic.Upstream!.Hardware.PullCard();

        Expect(device.Reset(), Errno.ENOTTY, "0000:01:00.0 did not come back after the reset");
    }

    [Fact]
    public void A_bridge_for_vfio_pci()
    {
        Machine machine = new(KernelProfile.Linux6_1);
        machine.Port.Unbind();

        Expect(machine.Host.VfioPci.TryBind(machine.Port), Errno.EINVAL, "0000:00:03.0 is a bridge");
    }

    [Fact]
    public void A_function_whose_virtual_functions_another_driver_left()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice drive = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.SriovNvme);
        host.Drivers.Register(new ScriptedDriver { OnRemove = static _ => KernelCall.Returned });
        drive.Bind(host.Drivers["nic"]);
        drive.Sysfs.Write("power/control", "on").Should().Succeed();
        drive.Sysfs.Write("sriov_numvfs", "1").Should().Succeed();
        drive.Unbind();

        Expect(host.VfioPci.TryBind(drive), Errno.EBUSY, "virtual functions of 0000:01:00.0 are enabled");
    }

    [Fact]
    public void An_access_to_memory_that_the_guest_has_not_enabled()
    {
        using VfioDeviceFile device = new Machine(KernelProfile.Linux6_1).Open();
        device.Config.Write(PciRegisters.Command, 2, 0);

        Expect(device.Read(0, 0, new byte[4]), Errno.EIO, "the guest has not set Memory Space Enable in COMMAND");
        Expect(device.Write(0, 0, new byte[4]), Errno.EIO, "the guest has not set Memory Space Enable in COMMAND");
    }

    [Fact]
    public void A_function_that_cannot_be_woken_for_a_call()
    {
        Machine machine = new(KernelProfile.Linux6_1);
        using VfioDeviceFile device = machine.Open();
        device.EnterLowPower().Should().Succeed();
        machine.Settle();
        machine.Nic.RuntimePm.Disable();

        Expect(device.Reset(), Errno.EIO, "the device cannot be woken for the call: ");
    }

    [Fact]
    public void A_function_that_another_driver_has()
    {
        Machine machine = new(KernelProfile.Linux6_1);

        Expect(machine.Host.VfioPci.TryBind(machine.Port), Errno.EBUSY, "pcieport has 0000:00:03.0: unbind it first");
    }

    [Fact]
    public void A_ROM_without_an_image()
    {
        using VfioDeviceFile device = new Machine(KernelProfile.Linux6_1).Open();

        Expect(device.Read(VfioRegion.Rom, 0, new byte[4]), Errno.ENOMEM, "the ROM has no image, or memory is disabled");
    }

    [Fact]
    public void A_virtual_function_that_is_opened_without_the_token()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        machine.Enable(1);

        Expect(
            machine.BoundVirtual(0).TryOpen(out _),
            Errno.EACCES,
            "the token of the physical function and its virtual functions is missing, or another");
    }

    [Fact]
    public void A_value_that_an_attribute_does_not_take() => Expect(
        new Machine(KernelProfile.Linux6_1).Nic.Sysfs.Write("power/control", "maybe"), Errno.EINVAL, "the attribute does not take this value");

    [Fact]
    public void An_attribute_that_only_Linux_has() => Expect(
        new Machine(KernelProfile.Linux6_1).Nic.Sysfs.Write("resource", "1"),
        Errno.ENOENT,
        "resource is not modelled, though Linux has it (docs/sysfs.md lists what is)");

    [Fact]
    public void Attributes_that_only_Linux_has_of_some_functions_and_of_the_bus()
    {
        using SriovMachine machine = new(KernelProfile.Linux6_1);
        machine.Enable(1);
        PciDevice physical = machine.Virtual(0).PhysicalFunction!;

        Expect(physical.Sysfs.Write("sriov_vf_total_msix", "1"), Errno.ENOENT, "sriov_vf_total_msix is not modelled");
        Expect(physical.Sysfs.Write("sriov_vf_msix_count", "1"), Errno.ENOENT, "there is no such attribute of");
        Expect(machine.Virtual(0).Sysfs.Write("sriov_vf_msix_count", "1"), Errno.ENOENT, "sriov_vf_msix_count is not modelled");
        Expect(physical.Upstream!.Sysfs.Write("aer_rootport_total_err_cor", "1"), Errno.ENOENT, "aer_rootport_total_err_cor");
        Expect(machine.Host.Topology.Sysfs.Write("resource_alignment", "1"), Errno.ENOENT, "resource_alignment is not modelled");
    }

    [Fact]
    public void An_attribute_that_Linux_has_of_other_functions() => Expect(
        new Machine(KernelProfile.Linux6_1).Nic.Sysfs.Write("boot_vga", "1"),
        Errno.ENOENT,
        "there is no such attribute of 0000:01:00.0 on linux-6.1");

    [Fact]
    public void A_function_that_runtime_PM_must_not_wake()
    {
        Machine machine = new(KernelProfile.Linux6_1);
        VfioPciDevice bound = machine.Bind();
        machine.Settle();
        machine.Nic.RuntimePm.Disable();

        Expect(bound.TryOpen(out _), Errno.EACCES, "runtime PM of 0000:01:00.0 is disabled, and it sleeps");
    }

    [Fact]
    public void Who_has_the_group_and_who_a_character_device()
    {
        using SimulatedHost host = new(KernelProfile.Linux7_3.WithDeviceCdev());
        PciDevice port = host.AddRootPort("0000:00:03.0");
        VfioPciDevice one = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.0", setup: static f => f.WithIommuGroup(7)));
        VfioPciDevice other = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.1", setup: static f => f.WithIommuGroup(7)));
        VfioPciDevice separate = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.2", setup: static f => f.WithIommuGroup(8)));
        VfioCdev cdev = other.OpenCdev();
        Iommufd iommufd = host.VfioPci.OpenIommufd();

        VfioDeviceFile byGroup = one.Open();
        Expect(cdev.TryBindIommufd(iommufd, out _), Errno.EBUSY, "a user has 0000:01:00.0 by its IOMMU group, 7");
        byGroup.TryMap(0, 0, 4096, out VfioMapping? mapping);
        byGroup.Close();
        Expect(one.TryOpen(out _), Errno.EBUSY, "a user has closed 0000:01:00.0, and what he has mapped keeps its IOMMU group, 7, open");
        mapping!.Unmap();

        VfioDeviceFile file = cdev.BindIommufd(iommufd);
        Expect(one.TryOpen(out _), Errno.EBUSY, "0000:01:00.1, of IOMMU group 7, is open by its character device");
        Expect(one.OpenCdev().TryBindIommufd(host.VfioPci.OpenIommufd(), out _), Errno.EPERM, "0000:01:00.1, which is in the same IOMMU group, 7, is bound to another iommufd");
        Expect(file.HotReset(), Errno.EINVAL, "0000:01:00.2 is on the same bus, and the iommufd that 0000:01:00.1 is bound to does not own it");
        separate.OpenCdev().BindIommufd(iommufd);
        Expect(file.HotReset(file.Group), Errno.EINVAL, "the caller names groups, which is for who opened the device by its group");
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void What_is_known_of_no_call_is_told_by_its_number(Errno error)
    {
        string[] meanings = [.. Enum.GetValues<Errno>().Select(static one => Assert.Single(Refusals.Of(null, one)))];

        meanings.Should().OnlyHaveUniqueItems();
        Failure.MessageOf(() => new KernelResult(-(int)error).Should().Succeed())
            .Should().Contain($"  {Refusals.Of(null, error).Single()}").And.NotContain("errno(3)");
    }

    private static void Expect(KernelResult result, Errno error, params string[] reasons)
    {
        result.Errno.Should().Be(error);
        string message = Failure.MessageOf(() => result.Should().Succeed());
        foreach (string reason in reasons)
        {
            message.Should().Contain(reason);
        }
    }
}

namespace VfioPm.Tests;

// drivers/base/bus.c (bind_store()), vfio_pci_probe(), drivers/pci/pci-sysfs.c, drivers/base/power/sysfs.c.
public sealed class BindErrorTests
{
    private readonly Machine _machine = new(KernelProfile.Linux6_1);

    [Theory]
    [InlineData("linux-5.10", Errno.ENODEV)]
    [InlineData("linux-6.1", Errno.EBUSY)]
    public void A_function_that_has_a_driver_is_not_bound_again(string profile, Errno error)
    {
        Machine machine = new(KernelProfile.Parse(profile));
        machine.Bind();

        machine.Host.VfioPci.TryBind(machine.Nic).Should().Be((KernelResult)error);
    }

    [Fact]
    public void A_bridge_without_driver_is_refused()
    {
        PciDevice bridge = _machine.Host.AddEndpoint(
            "0000:00:04.0", DeviceImages.RootPort.WithPortType(ExpressPortType.PciBridge));

        _machine.Host.VfioPci.TryBind(bridge).Should().Be((KernelResult)Errno.EINVAL);

        bridge.Driver.Should().BeNull();
    }

    [Fact]
    public void Unbinding_a_device_that_nobody_is_about_to_close_is_a_deadlock_until_somebody_does()
    {
        VfioPciDevice bound = _machine.Bind();
        VfioDeviceFile file = bound.Open();

        bound.Invoking(device => device.Unbind()).Should().Throw<SimulationDeadlockException>()
            .WithMessage("*unbound from vfio-pci*waits for the last user of 0000:01:00.0 to close it*holds device_lock*");

        _machine.Nic.Driver.Should().NotBeNull("the call is still under way");
        _machine.Nic.IsLocked.Should().BeTrue();
        file.Close();
        _machine.Settle();
        _machine.Nic.Driver.Should().BeNull();
        _machine.Nic.IsLocked.Should().BeFalse();
    }

    [Fact]
    public void Unbinding_asks_the_user_again_and_again_and_waits_for_the_close()
    {
        VfioPciDevice bound = _machine.Bind();
        VfioDeviceFile file = bound.Open();
        var request = new EventFd();
        file.EnableIrqs(VfioIrqIndex.Req, request);
        using ITimer timer = _machine.Host.Clock.CreateTimer(
            _ => file.Close(), null, TimeSpan.FromSeconds(15), Timeout.InfiniteTimeSpan);

        bound.Unbind();

        request.Count.Should().Be(2, "it asks every ten seconds");
        file.IsClosed.Should().BeTrue();
        _machine.Nic.Driver.Should().BeNull();
    }

    [Theory]
    [InlineData("power/control", "off", Errno.EINVAL)]
    [InlineData("power/autosuspend_delay_ms", "10", Errno.EIO)]
    [InlineData("power/wakeup", "yes", Errno.EINVAL)]
    [InlineData("d3cold_allowed", "-1", Errno.EINVAL)]
    [InlineData("enable", "two", Errno.EINVAL)]
    [InlineData("enable", "0", Errno.EIO)]
    [InlineData("reset", "0", Errno.EINVAL)]
    [InlineData("reset_method", "warm", Errno.EINVAL)]
    [InlineData("colour", "red", Errno.ENOENT)]
    [InlineData("power_state", "D0", Errno.EACCES)]
    public void A_value_that_an_attribute_does_not_take_is_refused(string attribute, string value, Errno error) =>
        _machine.Nic.Sysfs.Write(attribute, value).Should().Be((KernelResult)error);

    [Fact]
    public void A_function_that_has_a_driver_is_not_enabled_by_hand()
    {
        _machine.Bind();

        _machine.Nic.Sysfs.Write("enable", "1").Should().Be((KernelResult)Errno.EBUSY);
    }

    [Fact]
    public void The_delay_under_the_RFC_is_a_number()
    {
        Machine machine = new(KernelProfile.RfcV1);
        machine.Bind();

        machine.Nic.Sysfs.Write("power/autosuspend_delay_ms", "soon").Should().Be((KernelResult)Errno.EINVAL);
    }

    [Fact]
    public void A_reset_by_sysfs_without_a_method_is_not_there()
    {
        _machine.Nic.Sysfs.Write("reset_method", "").Should().Be(KernelResult.Success);

        _machine.Nic.Sysfs.Write("reset", "1").Should().Be((KernelResult)Errno.ENOTTY);
    }

    [Fact]
    public void What_vfio_pci_no_longer_has_it_does_not_give_up()
    {
        var machine = new Machine(KernelProfile.Linux6_1);
        VfioPciDevice bound = machine.Bind();

        bound.TryUnbind().Should().Succeed();
        bound.TryUnbind().Should().FailWith(Errno.ENODEV);
        bound.Invoking(gone => gone.Unbind()).Should().Throw<InvalidOperationException>();
    }
}

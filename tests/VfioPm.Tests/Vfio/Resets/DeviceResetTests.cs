namespace VfioPm.Tests;

// vfio_pci_ioctl_reset(), pci_try_reset_function(); recordings "reset-*", "rfc-reset-*", "sysfs-reset".
public sealed class DeviceResetTests
{
    [Fact]
    public void A_reset_keeps_the_configuration_and_loses_the_registers()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        uint command = nic.Command;
        nic.Nic.Hardware.WriteBar(0, 0x100, 4, 1);

        nic.File.Reset().Should().Be(KernelResult.Success);

        nic.Command.Should().Be(command);
        nic.Nic.Hardware.ReadBar(0, 0x100, 4).Should().Be(0);
    }

    [Fact]
    public void Interrupts_that_are_set_up_survive_it()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        var irq = new EventFd();
        nic.File.EnableIrqs(VfioIrqIndex.MsiX, irq);

        nic.File.Reset();

        nic.Nic.Hardware.SendMessage(0).Should().BeTrue();
        irq.Count.Should().Be(1);
    }

    [Fact]
    public void Before_the_RFC_a_reset_brings_the_function_and_its_reading_to_D0()
    {
        using var nic = new OpenNic(KernelProfile.PreRfc);
        nic.Sleep();

        nic.File.Reset().Should().Be(KernelResult.Success);

        nic.Nic.PowerState.Should().Be(PowerState.D0);
        nic.File.Config.ReadPmcsrState().Should().Be(PowerState.D0);
    }

    [Fact]
    public void Under_the_RFC_a_reset_goes_on_behind_runtime_PM()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.Port.Sysfs.Write("power/control", "on");
        nic.Sleep();
        nic.Nic.PowerState.Should().Be(PowerState.D3Hot);

        nic.File.Reset().Should().Be(KernelResult.Success);

        nic.Nic.PowerState.Should().Be(PowerState.D0);
        nic.Nic.RuntimeStatus.Should().Be(RuntimeStatus.Suspended);
        nic.Nic.UsageCount.Should().Be(0);
        nic.File.Config.ReadPmcsrState().Should().Be(PowerState.D3Hot);
    }

    [Fact]
    public void Under_the_RFC_a_reset_without_power_takes_over_a_minute_fails_and_destroys_the_function()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.Sleep();
        TimeSpan before = nic.Host.Clock.Now;

        nic.File.Reset().Errno.Should().Be(Errno.ENOTTY);

        (nic.Host.Clock.Now - before).Should().BeGreaterThan(TimeSpan.FromMinutes(1));
        nic.File.Config.WritePmcsrState(PowerState.D0);
        nic.Nic.PowerState.Should().Be(PowerState.D0);
        nic.Command.Should().Be(0);
        nic.Nic.Hardware.Configuration.Read(PciRegisters.BaseAddress0, 4).Should().Be(0);
    }

    [Fact]
    public void Linux_6_1_wakes_the_function_first()
    {
        using var nic = new OpenNic(KernelProfile.Linux6_1);
        uint command = nic.Command;
        nic.File.EnterLowPower();
        nic.Host.Clock.Advance(OpenNic.AutosuspendDelay);

        nic.File.Reset().Should().Be(KernelResult.Success);
        nic.File.ExitLowPower();

        nic.Command.Should().Be(command);
    }

    [Fact]
    public void The_host_wakes_the_function_for_a_reset_of_its_own()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.Sleep();

        nic.Nic.Sysfs.Write("reset", "1").Should().Be(KernelResult.Success);
        nic.File.Config.WritePmcsrState(PowerState.D0);

        nic.File.Config.Read(PciRegisters.Command, 2).Should().NotBe(0);
    }

    [Fact]
    public void A_function_that_could_not_be_reset_when_it_was_opened_cannot_be()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        PciDevice nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0");
        nic.Sysfs.Write("reset_method", "");
        using VfioDeviceFile file = host.VfioPci.Bind(nic).Open();

        file.Reset().Errno.Should().Be(Errno.EINVAL);
        nic.Sysfs.Write("reset_method", "default").Should().Be(KernelResult.Success);
        file.Reset().Errno.Should().Be(Errno.EINVAL);
    }

    [Fact]
    public void While_somebody_else_is_busy_with_the_function_a_reset_does_not_wait()
    {
        using var nic = new OpenNic(KernelProfile.RfcV1);
        nic.Nic.TryLock().Should().BeTrue();

        nic.File.Reset().Errno.Should().Be(Errno.EAGAIN);

        nic.Nic.Unlock();
        nic.File.Reset().Should().Be(KernelResult.Success);
    }

    [Fact]
    public void Under_the_RFC_an_open_that_fails_for_a_busy_function_leaks_a_count_for_ever()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        PciDevice nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0");
        VfioPciDevice device = host.VfioPci.Bind(nic);
        nic.TryLock();

        device.TryOpen(out _).Errno.Should().Be(Errno.EAGAIN);
        nic.Unlock();
        device.Open().Close();
        host.Clock.Advance(OpenNic.AutosuspendDelay);

        nic.UsageCount.Should().Be(1);
        nic.RuntimeStatus.Should().Be(RuntimeStatus.Active);
    }

    [Fact]
    public void Linux_6_1_gives_the_count_of_a_failed_open_back()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0");
        VfioPciDevice device = host.VfioPci.Bind(nic);
        nic.TryLock();

        device.TryOpen(out _).Errno.Should().Be(Errno.EAGAIN);
        host.Clock.Advance(OpenNic.AutosuspendDelay);

        nic.UsageCount.Should().Be(0);
        nic.RuntimeStatus.Should().Be(RuntimeStatus.Suspended);
    }
}

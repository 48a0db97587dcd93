namespace VfioPm.Tests;

// VFIO_DEVICE_FEATURE_LOW_POWER_* (vfio_pci_core.c, Linux 6.1); recordings "lp-*".
public sealed class LowPowerTests : IDisposable
{
    private readonly OpenNic _nic = new(KernelProfile.Linux6_1);
    private readonly EventFd _wake = new();

    public void Dispose() => _nic.Dispose();

    [Fact]
    public void Entry_gives_the_count_back_and_exit_takes_it_again()
    {
        _nic.File.EnterLowPower().Should().Be(KernelResult.Success);
        PassTime();
        _nic.Nic.UsageCount.Should().Be(0);
        _nic.Nic.PowerState.Should().Be(PowerState.D3Cold);
        _nic.Port.PowerState.Should().Be(PowerState.D3Cold);

        _nic.File.ExitLowPower().Should().Be(KernelResult.Success);
        _nic.Nic.UsageCount.Should().Be(1);
        _nic.Nic.PowerState.Should().Be(PowerState.D0);
    }

    [Fact]
    public void A_second_entry_is_refused_and_a_second_exit_does_nothing()
    {
        _nic.File.EnterLowPower();
        _nic.File.EnterLowPower().Errno.Should().Be(Errno.EINVAL);

        _nic.File.ExitLowPower();
        _nic.File.ExitLowPower().Should().Be(KernelResult.Success);
        _nic.Nic.UsageCount.Should().Be(1);
    }

    [Fact]
    public void Each_access_wakes_the_device_for_its_time()
    {
        _nic.File.EnterLowPower();
        PassTime();

        _nic.Host.Trace.Clear();

        _nic.File.Config.Read(PciRegisters.VendorId, 2).Should().Be(0x8086);
        PassTime();

        _nic.Host.Trace.PowerStatesOf(_nic.Nic).Should().Contain(entry => entry.PowerState.After == PowerState.D0);
        _nic.Nic.PowerState.Should().Be(PowerState.D3Cold);
    }

    [Fact]
    public void Whoever_wakes_it_ends_low_power_and_the_eventfd_is_signalled_once()
    {
        _nic.File.EnterLowPower(_wake);
        PassTime();

        _nic.Nic.HostConfig.Read(0, new byte[4]);
        PassTime();

        _wake.Count.Should().Be(1);
        _nic.Nic.UsageCount.Should().Be(1);
        _nic.Nic.PowerState.Should().Be(PowerState.D0);
        _nic.File.Device.WakeupEventFd.Should().BeNull();
    }

    [Fact]
    public void The_exit_itself_wakes_it_and_so_signals()
    {
        _nic.File.EnterLowPower(_wake);
        PassTime();

        _nic.File.ExitLowPower();

        _wake.Count.Should().Be(1);
        _nic.Nic.UsageCount.Should().Be(1);
    }

    [Fact]
    public void Closing_signals_nobody()
    {
        _nic.File.EnterLowPower(_wake);
        PassTime();

        _nic.File.Close();

        _wake.Count.Should().Be(0);
    }

    [Fact]
    public void A_function_that_the_guest_left_in_D3hot_keeps_its_registers_over_the_loss_of_power()
    {
        _nic.File.Config.Write(PciRegisters.InterruptLine, 1, 0x2a);
        uint command = _nic.Command;
        _nic.File.Config.WritePmcsrState(PowerState.D3Hot);
        _nic.File.EnterLowPower();
        PassTime();
        _nic.Nic.PowerState.Should().Be(PowerState.D3Cold);

        _nic.File.ExitLowPower();

        _nic.Command.Should().Be(command);
        _nic.File.Config.ReadPmcsrState().Should().Be(PowerState.D0, "the sleep began in D0");
    }

    [Fact]
    public void Memory_is_out_of_reach_in_D3_and_mappings_while_low_power_is_permitted()
    {
        VfioPciDevice device = _nic.File.Device;
        device.Session!.IsMemoryEnabled.Should().BeTrue();

        _nic.File.Config.WritePmcsrState(PowerState.D3Hot);
        device.Session!.IsMemoryEnabled.Should().BeFalse();
        _nic.File.Config.WritePmcsrState(PowerState.D0);

        _nic.Nic.Sysfs.Write("power/control", "on");
        _nic.File.EnterLowPower();
        device.Session!.IsMemoryEnabled.Should().BeTrue("the administrator keeps it awake");
        device.Session!.IsMappingUsable.Should().BeFalse();
    }

    [Fact]
    public void A_device_that_cannot_be_woken_fails_every_call()
    {
        _nic.File.EnterLowPower();
        PassTime();
        _nic.Nic.RuntimePm.Disable();

        _nic.File.GetIrqInfo(VfioIrqIndex.Req, out _).Errno.Should().Be(Errno.EIO);
        _nic.File.Config.TryRead(0, new byte[4]).Errno.Should().Be(Errno.EIO);
        _nic.File.ExitLowPower().Errno.Should().Be(Errno.EIO);
    }

    [Fact]
    public void A_fork_sleeps_on_its_own()
    {
        _nic.File.EnterLowPower(_wake);
        PassTime();
        ForkContext context = new();
        using SimulatedHost fork = context.Of(_nic.Host);

        fork.VfioPci.Devices[0].Files[0].ExitLowPower();

        context.Of(_wake).Count.Should().Be(1);
        fork["0000:01:00.0"].PowerState.Should().Be(PowerState.D0);
        _wake.Count.Should().Be(0);
        _nic.Nic.PowerState.Should().Be(PowerState.D3Cold);
    }

    private void PassTime() => _nic.Host.Clock.Advance(TimeSpan.FromSeconds(1));

    /// <summary>It said "no such register".</summary>
    [Fact]
    public void A_register_that_cannot_be_reached_is_no_register_that_is_not_there()
    {
        _nic.File.Config.Invoking(config => config.Read(0x1000, 4)).Should().Throw<ArgumentOutOfRangeException>();
        _nic.File.EnterLowPower().Should().Succeed();
        _nic.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        _nic.Nic.RuntimePm.Disable();

        Action read = () => _nic.File.Config.Read(0, 4);

        read.Should().Throw<InvalidOperationException>().WithMessage(
            "The register at 0x00 of 0000:01:00.0 cannot be reached: the kernel returns -EIO, as TryRead() does.");
        _nic.File.Config.TryRead(0, new byte[4]).Should().FailWith(Errno.EIO);
    }

    [Fact]
    public void A_closed_file_says_so_whatever_is_done_with_it()
    {
        _nic.File.Close();
        Action[] uses =
        [
            () => _nic.File.Config.Read(0, 4),
            () => _nic.File.Config.ReadPmcsrState(),
            () => _nic.File.Config.WritePmcsrState(PowerState.D3Hot),
            () => _ = _nic.File.Config.TryRead(0, []),
            () => _ = _nic.File.Read(0, 0, new byte[4]),
            () => _ = _nic.File.Reset(),
            () => _ = _nic.File.TryMap(0, 0, 4096, out _),
        ];

        uses.Select(use => use.Should().Throw<ObjectDisposedException>().Which.Message).Distinct().Should().ContainSingle();
    }
}

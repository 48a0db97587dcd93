namespace VfioPm.Tests;

/// <summary>What the kernel makes of silicon that is not what the specification says, as users report it.</summary>
public sealed class BrokenSiliconTests : IDisposable
{
    private static readonly HardwareBehavior DeadAfterD3Cold = new() { SilenceAfterPowerOn = HardwareBehavior.Forever };
    private static readonly HardwareBehavior NoLink = new() { LosesLinkWithPower = true };

    private readonly KernelLog _log = new();

    public void Dispose() => _log.Dispose();

    // pci_power_up(), pci_pm_runtime_resume(), do_pci_enable_device(): none of them fails for it, so that the user
    // finds out, as "Unable to power on device, stuck in D3". The function has a power switch of its own.
    [Fact]
    public void A_function_that_does_not_come_back_from_D3cold_is_inaccessible_and_opens_all_the_same()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1, loggerFactory: _log);
        PciDevice nic = host.AddEndpoint(
            "0000:00:05.0", setup: setup => setup.WithPowerResource().WithBehavior(DeadAfterD3Cold));
        VfioPciDevice bound = host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Cold);

        bound.TryOpen(out VfioDeviceFile? device).Should().Be(KernelResult.Success);

        nic.Should().BeIn(PowerState.D3Cold);
        device!.Config.ReadPmcsrState().Should().Be(PowerState.D3Hot, "all ones");
        device.Reset().Should().Be((KernelResult)Errno.EINVAL, "a reset did not work when it was opened");
        _log.Lines.Should().Contain(
            "Error 0000:00:05.0: Unable to change power state from D3cold to D0, device inaccessible");
    }

    // pci_bridge_wait_for_secondary_bus(), pci_pm_bridge_power_up_actions(): the function counts as gone.
    [Fact]
    public void The_port_waits_a_minute_for_a_dead_function_and_gives_it_up()
    {
        Machine machine = new(KernelProfile.RfcV1, nic: DeadAfterD3Cold);
        machine.Bind();
        machine.Settle();
        TimeSpan asked = machine.Host.Clock.Now;

        machine.Port.Sysfs.Write("power/control", "on");

        (machine.Host.Clock.Now - asked).Should().BeGreaterThan(TimeSpan.FromMinutes(1));
        machine.Nic.IsDisconnected.Should().BeTrue();
        machine.Log.Lines.Should().ContainInOrder(
            "Information 0000:01:00.0: not ready 1023ms after resume; waiting",
            "Information 0000:01:00.0: not ready 32767ms after resume; waiting",
            "Warning 0000:01:00.0: not ready 65535ms after resume; giving up");
    }

    // Interrupt Pin reads 0xff, and QEMU then asserts (kata-containers, issue 11708).
    [Fact]
    public void The_user_of_a_function_that_died_in_D3cold_reads_all_ones_where_registers_are_real()
    {
        Machine machine = new(KernelProfile.RfcV1, nic: DeadAfterD3Cold);
        using VfioDeviceFile device = machine.OpenAndSleep();

        device.Config.WritePmcsrState(PowerState.D0);

        device.Config.Read(PciRegisters.Status, 2).Should().Be(0xffff);
        device.Config.Read(PciRegisters.VendorId, 2).Should().Be(0x8086, "the kernel has it from the time of opening");
        device.Reset().Errno.Should().Be(Errno.ENOTTY);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(10)]
    public void A_function_that_is_slow_after_D3cold_is_waited_for_in_doubling_steps(double seconds)
    {
        Machine machine = new(KernelProfile.RfcV1, nic: SlowAfterPowerOn(seconds));
        using VfioDeviceFile device = machine.OpenAndSleep();
        TimeSpan asked = machine.Host.Clock.Now;

        device.Config.WritePmcsrState(PowerState.D0);

        TimeSpan taken = machine.Host.Clock.Now - asked;
        taken.Should().BeGreaterThan(TimeSpan.FromSeconds(seconds)).And.BeLessThan(TimeSpan.FromSeconds(3 * seconds));
        machine.Nic.Should().BeIn(PowerState.D0);
        machine.Nic.Hardware.Faults.Should().BeEmpty();
    }

    // PCI_RESET_WAIT: a second passes without a word.
    [Fact]
    public void A_long_wait_is_told_in_the_log()
    {
        Machine machine = new(KernelProfile.RfcV1, nic: SlowAfterPowerOn(3));
        using VfioDeviceFile device = machine.OpenAndSleep();

        device.Config.WritePmcsrState(PowerState.D0);

        machine.Log.Lines.Should().ContainInOrder(
            "Information 0000:01:00.0: not ready 1023ms after resume; waiting",
            "Information 0000:01:00.0: not ready 2047ms after resume; waiting",
            "Information 0000:01:00.0: ready 4095ms after resume");
    }

    // pci_power_up() waits only for a function that soft-resets; the other must be there after 10 ms.
    [Fact]
    public void A_function_with_No_Soft_Reset_that_is_slow_after_D3hot_seems_to_refuse_D0()
    {
        Machine machine = new(
            KernelProfile.Linux6_1,
            cutsPower: false,
            disableIdleD3: true,
            image: DeviceImages.Nvme,
            nic: new HardwareBehavior { SilenceAfterD3Hot = TimeSpan.FromMilliseconds(50) });
        using VfioDeviceFile device = machine.OpenIn(PowerState.D3Hot);

        device.Config.WritePmcsrState(PowerState.D0);

        machine.Nic.Should().BeIn(PowerState.D3Hot);
        machine.Nic.Hardware.PowerState.Should().Be(PowerState.D0);
        machine.Log.Lines.Should().Contain(
            "Information 0000:01:00.0: Refused to change power state from D3hot to D0");
    }

    [Fact]
    public void A_function_that_soft_resets_may_be_slow_after_D3hot()
    {
        Machine machine = new(
            KernelProfile.Linux6_1,
            cutsPower: false,
            nic: new HardwareBehavior { SilenceAfterD3Hot = TimeSpan.FromMilliseconds(50) });
        using VfioDeviceFile device = machine.OpenIn(PowerState.D3Hot);

        device.Config.WritePmcsrState(PowerState.D0);

        machine.Nic.Should().BeIn(PowerState.D0);
        machine.Log.Lines.Should().BeEmpty();
    }

    [Fact]
    public void The_kernel_sees_that_D3hot_was_ignored()
    {
        Machine machine = new(
            KernelProfile.Linux6_1, cutsPower: false, nic: new HardwareBehavior { IgnoresD3Hot = true });
        using VfioDeviceFile device = machine.OpenIn(PowerState.D3Hot);

        machine.Nic.Should().BeIn(PowerState.D0);
        device.Config.ReadPmcsrState().Should().Be(PowerState.D0);
        machine.Log.Lines.Should().Contain(
            "Information 0000:01:00.0: Refused to change power state from D0 to D3hot");
    }

    [Fact]
    public void Under_the_RFC_the_guest_of_a_function_that_ignores_D3hot_reads_D3hot_all_the_same()
    {
        Machine machine = new(
            KernelProfile.RfcV1, cutsPower: false, nic: new HardwareBehavior { IgnoresD3Hot = true });
        using VfioDeviceFile device = machine.OpenAndSleep();

        machine.Nic.Should().BeIn(PowerState.D0).And.HaveRuntimeStatus(RuntimeStatus.Suspended);
        device.Config.ReadPmcsrState().Should().Be(PowerState.D3Hot);
    }

    // vfio_pci_set_power_state() believes No_Soft_Reset, and saves nothing.
    [Fact]
    public void A_function_that_lies_about_No_Soft_Reset_loses_its_configuration_over_the_guests_D3hot()
    {
        Machine machine = new(
            KernelProfile.Linux6_1,
            image: DeviceImages.Nvme,
            nic: new HardwareBehavior { ResetsDespiteNoSoftReset = true });
        using VfioDeviceFile device = machine.Open();
        device.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);

        device.Config.WritePmcsrState(PowerState.D3Hot);
        device.Config.WritePmcsrState(PowerState.D0);

        device.Config.Read(PciRegisters.Command, 2).Should().Be(0);
        machine.Nic.Hardware.Configuration.Read(PciRegisters.BaseAddress0, 4).Should().Be(0x4, "only its kind is left");
    }

    // The PCI core saves for every sleep of runtime PM, whatever No_Soft_Reset says.
    [Fact]
    public void Under_the_RFC_the_core_keeps_the_configuration_of_a_function_that_lies_about_No_Soft_Reset()
    {
        Machine machine = new(
            KernelProfile.RfcV1,
            cutsPower: false,
            image: DeviceImages.Nvme,
            nic: new HardwareBehavior { ResetsDespiteNoSoftReset = true });
        using VfioDeviceFile device = machine.Open();
        device.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);

        device.Config.WritePmcsrState(PowerState.D3Hot);
        machine.Settle();
        device.Config.WritePmcsrState(PowerState.D0);

        (device.Config.Read(PciRegisters.Command, 2) & PciRegisters.CommandMemory).Should().NotBe(0);
    }

    // pcie_wait_for_link_delay(): a look every 10 ms for a second, but each msleep(10) is of 20 ms.
    [Fact]
    public void A_link_that_stays_down_makes_all_below_the_port_disconnected_after_two_seconds()
    {
        Machine machine = new(KernelProfile.RfcV1, port: NoLink);
        using VfioDeviceFile device = machine.OpenAndSleep();
        TimeSpan asked = machine.Host.Clock.Now;

        device.Config.WritePmcsrState(PowerState.D0);

        (machine.Host.Clock.Now - asked).Should().BeCloseTo(TimeSpan.FromSeconds(2), TimeSpan.FromMilliseconds(100));
        machine.Nic.IsDisconnected.Should().BeTrue();
        machine.Nic.Should().BeIn(PowerState.D3Cold);
        machine.Log.Lines.Should().Contain(
            "Information 0000:00:03.0: Data Link Layer Link Active not set in 1000 msec");
    }

    // __pci_reset_function_locked() tries the next method when one says -ENOTTY: here the bus.
    [Fact]
    public void A_function_that_dies_of_FLR_is_waited_for_twice_and_opens_without_resets()
    {
        Machine machine = new(KernelProfile.RfcV1, image: DeviceImages.Nvme, nic: DeadOfFlr);

        using VfioDeviceFile device = machine.Open();

        machine.Nic.Hardware.IsSilent.Should().BeTrue();
        device.GetInfo(out VfioDeviceInfo info);
        info.Flags.Should().Be(VfioDeviceFlags.Pci);
        device.Reset().Should().Be((KernelResult)Errno.EINVAL);
        machine.Log.Lines.Should().ContainInOrder(
            "Warning 0000:01:00.0: not ready 65535ms after FLR; giving up",
            "Warning 0000:01:00.0: not ready 65535ms after bus reset; giving up");
    }

    [Fact]
    public void Keeping_functions_out_of_D3cold_is_the_cure_that_users_found()
    {
        Machine machine = new(KernelProfile.RfcV1, nic: DeadAfterD3Cold);
        machine.Nic.Sysfs.Write("d3cold_allowed", "0");
        using VfioDeviceFile device = machine.OpenAndSleep();
        machine.Nic.Should().BeIn(PowerState.D3Hot);

        device.Config.WritePmcsrState(PowerState.D0);

        machine.Nic.Should().BeIn(PowerState.D0);
    }

    private static HardwareBehavior DeadOfFlr { get; } =
        new() { SilenceAfterFunctionLevelReset = HardwareBehavior.Forever };

    private static HardwareBehavior SlowAfterPowerOn(double seconds) =>
        new() { SilenceAfterPowerOn = TimeSpan.FromSeconds(seconds) };
}

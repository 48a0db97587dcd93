namespace VfioPm.Tests;

/// <summary>Into a power state and out of it (<c>pci_set_power_state()</c>, <c>pci_power_up()</c>).</summary>
public sealed class SetPowerStateTests
{
    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_set_power_state_of_D1_that_the_function_has_not_is_EIO_unless_a_quirk_forbids_it(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithPowerManagement(0x0003));
        nic.Sysfs.Write("enable", "1").Should().Succeed();

        Set(nic, PowerState.D1).Should().FailWith(Errno.EIO);
        Set(nic, PowerState.D2).Should().FailWith(Errno.EIO);
        nic.PowerState.Should().Be(PowerState.D0);

        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(DeviceImages.RootPort.WithIdentity(0x8086, 0x25e2)));
        PciDevice below = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(0x0603));
        below.Sysfs.Write("enable", "1").Should().Succeed();
        Set(below, PowerState.D1).Should().Succeed();
        below.PowerState.Should().Be(PowerState.D0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_set_power_state_of_what_is_deeper_than_D3cold_is_D3cold(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0");

        Set(port, PowerState.Unknown).Should().Succeed();

        port.Should().BeIn(PowerState.D3Cold);
        nic.PowerState.Should().Be(PowerState.D3Cold, "it has no power either");
    }

    // pci_platform_power_transition(): who has no power management and no firmware is in D0.
    [Fact]
    public void pci_set_power_state_of_a_function_that_nobody_can_manage_is_EIO_and_leaves_it_in_D0()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithoutCapability(CapabilityId.PowerManagement));
        nic.Power.Believe(PowerState.Unknown);

        Set(nic, PowerState.D3Hot).Should().FailWith(Errno.EIO);

        nic.PowerState.Should().Be(PowerState.D0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_set_low_power_state_of_who_does_not_answer_takes_him_for_switched_off(string profile)
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Parse(profile), loggerFactory: log);
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        nic.Sysfs.Write("enable", "1").Should().Succeed();
        nic.Hardware.SetPower(false);

        Set(nic, PowerState.D3Hot).Should().FailWith(Errno.EIO);

        nic.PowerState.Should().Be(PowerState.D3Cold);
        log.Lines.Should().ContainSingle().Which.Should().EndWith("0000:00:05.0: Unable to change power state from D0 to D3hot, device inaccessible");
    }

    [Fact]
    public void pci_set_low_power_state_changes_the_state_in_PMCSR_alone()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddEndpoint("0000:00:05.0", Machine.WithPme());
        int pmcsr = nic.Hardware.Pm!.ControlStatusOffset;
        uint before = nic.Hardware.ReadConfig(pmcsr, 2);

        Set(nic, PowerState.D3Hot).Should().Succeed();

        nic.Hardware.ReadConfig(pmcsr, 2).Should().Be(before | 3);
    }

    // pci_power_up() of what the kernel believes in D3cold, and finds in D0: it may be uninitialised (pci_restore_bars()).
    [Theory]
    [InlineData(PowerState.D3Cold, true)]
    [InlineData(PowerState.D3Hot, true)]
    [InlineData(PowerState.D1, false)]
    public void pci_set_full_power_state_gives_a_function_its_BARs_again_that_may_have_lost_them(PowerState believed, bool areRestored)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithPowerManagement(0x0003));
        uint address = nic.Hardware.ReadConfig(PciRegisters.BaseAddress0, 4);
        nic.Hardware.WriteConfig(PciRegisters.BaseAddress0, 4, 0);
        nic.Power.Believe(believed);

        Set(nic, PowerState.D0).Should().Succeed();

        nic.Hardware.ReadConfig(PciRegisters.BaseAddress0, 4).Should().Be(areRestored ? address : 0);
    }

    // Neither PMCSR nor the firmware has a way up but to D0 (acpi_device_set_power()).
    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_set_power_state_from_D3cold_to_D3hot_is_EINVAL_and_gives_no_power(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0", setup: setup => setup.WithPowerResource());
        nic.Sysfs.Write("enable", "1").Should().Succeed();
        Set(nic, PowerState.D3Cold).Should().Succeed();

        Set(nic, PowerState.D3Hot).Should().FailWith(Errno.EINVAL);

        nic.Should().BeIn(PowerState.D3Cold);
        nic.Hardware.HasPower.Should().BeFalse();
    }

    [Theory]
    [InlineData("linux-6.1", PowerState.D0, 100)]
    [InlineData("linux-6.12", PowerState.D3Cold, 0)]
    [InlineData("linux-7.3", PowerState.D0, 100)]
    public void pci_power_up_waits_for_a_function_that_resets_on_the_way_but_not_in_6_12(string profile, PowerState state, int milliseconds)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0", setup: setup => setup.WithBehavior(
            new HardwareBehavior { SilenceAfterD3Hot = TimeSpan.FromMilliseconds(100) }));
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Hot);
        TimeSpan asked = host.Clock.Now;

        nic.RuntimePm.GetSync();

        nic.PowerState.Should().Be(state);
        (host.Clock.Now - asked).TotalMilliseconds.Should().BeInRange(milliseconds, milliseconds + 99);
    }

    [Theory]
    [InlineData("linux-6.1", "Warning")]
    [InlineData("linux-6.12", "Warning")]
    [InlineData("linux-7.3", "Error")]
    public void pci_dev_wait_gives_up_with_a_word_that_is_an_error_in_7_3(string profile, string level)
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Parse(profile), loggerFactory: log);
        PciDevice card = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.Nvme, setup => setup.WithBehavior(
            new HardwareBehavior { SilenceAfterFunctionLevelReset = HardwareBehavior.Forever }));
        card.Sysfs.Write("reset_method", "flr").Should().Succeed();

        card.Sysfs.Write("reset", "1").Should().FailWith(Errno.ENOTTY);

        log.Lines.Should().Contain($"{level} 0000:01:00.0: not ready 65535ms after FLR; giving up");
    }

    private static KernelResult Set(PciDevice device, PowerState state) =>
        ScriptedDriver.Do(device, function => PciPm.SetPowerState(function, state));
}

namespace VfioPm.Tests;

/// <summary>
/// Functions that wake the machine themselves: by a message to the root port (<c>pcie_pme_irq()</c>), or where there is no way
/// for one by the firmware (<c>pci_acpi_wake_dev()</c>).
/// </summary>
public sealed class WakeTests
{
    private const ushort PmeFromAllStates = 0xf803;

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pcie_pme_work_fn_resumes_who_sent_the_PME_from_D3hot_at_once(string profile)
    {
        using Machine machine = Machine.WithPowerAllTheTime(profile);
        machine.Nic.Should().BeIn(PowerState.D3Hot);
        machine.Nic.Hardware.AssertPme().Should().BeTrue();
        RootStatus(machine.Port).Should().Be(ExpressRegisters.RootStatusPme | machine.Nic.Address.RequesterId);
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(20));
        machine.Nic.Should().BeIn(PowerState.D0);
        RootStatus(machine.Port).Should().Be((uint)machine.Nic.Address.RequesterId, "the service cleared the status");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pcie_pme_handle_request_says_of_a_PME_that_was_taken_back_that_nobody_sent_it(string profile)
    {
        using Machine machine = Machine.WithPowerAllTheTime(profile);
        machine.Nic.Hardware.AssertPme().Should().BeTrue();
        int pmcsr = machine.Nic.Power.Pm!.ControlStatusOffset;
        machine.Nic.Hardware.WriteConfig(pmcsr, 2, machine.Nic.Hardware.ReadConfig(pmcsr, 2));

        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(20));

        machine.Nic.Should().BeIn(PowerState.D3Hot);
        machine.Host.Log.Should().Say($"{machine.Port.Name}: PME: Spurious native interrupt!");
        machine.Host.Log.Should().NeverSay("non-existent");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void The_low_power_wakeup_eventfd_is_raised_by_the_devices_own_reason(string profile)
    {
        using Machine machine = Machine.WithPowerAllTheTime(profile, bind: false);
        using VfioDeviceFile file = machine.Host.VfioPci.Bind(machine.Nic).Open();
        var wakeup = new EventFd();
        file.EnterLowPower(wakeup).Should().Succeed();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        machine.Nic.Should().BeIn(PowerState.D3Hot);
        wakeup.Count.Should().Be(0);

        machine.Nic.Hardware.AssertPme();
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(20));
        wakeup.Count.Should().Be(1);
        machine.Nic.Should().BeIn(PowerState.D0);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_acpi_wake_dev_resumes_the_port_that_has_no_power_and_so_who_is_below(string profile)
    {
        using Machine machine = Machine.WithWire(profile);
        using VfioDeviceFile file = machine.Host.VfioPci.Bind(machine.Nic).Open();
        var wakeup = new EventFd();
        file.EnterLowPower(wakeup).Should().Succeed();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(2));
        machine.Nic.Should().BeIn(PowerState.D3Cold);
        machine.Port.Platform!.WakeCount.Should().BeGreaterThan(0, "the function asked for the wake signal on its way down");
        machine.Nic.Hardware.AssertPme().Should().BeTrue();
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(300));
        machine.Port.Should().BeIn(PowerState.D0);
        machine.Nic.Should().BeIn(PowerState.D0);
        wakeup.Count.Should().Be(1, "the user hears of it");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Without_a_wire_nobody_hears_a_function_that_has_no_power(string profile)
    {
        using var machine = new Machine(profile, setup => setup.WithPowerResource());
        machine.Nic.Should().BeIn(PowerState.D3Cold);
        machine.Nic.Hardware.AssertPme().Should().BeTrue();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(10));
        machine.Nic.Should().BeIn(PowerState.D3Cold);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_kernel_that_was_not_granted_PMEs_finds_them_by_polling(string profile)
    {
        using Machine machine = Machine.WithPowerAllTheTime(profile, new Firmware { Year = 2014, GrantsPme = false });
        machine.Nic.Hardware.AssertPme().Should().BeTrue();
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(20));
        machine.Nic.Should().BeIn(PowerState.D3Hot);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1.1));
        machine.Nic.RuntimePm.LastBusy.Should().BeGreaterThanOrEqualTo(TimeSpan.Zero);
        machine.Host.Trace.ToTimeline().ToString().Should().Contain("PME# found by polling");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pme_poll_ends_with_the_first_PME_that_came_by_itself(string profile)
    {
        using Machine machine = Machine.WithPowerAllTheTime(profile);
        machine.Nic.Hardware.AssertPme();
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(5));
        machine.Nic.Should().BeIn(PowerState.D3Hot, "nobody used it");
        machine.Host.Clock.Pending.Should().NotContain(pending => pending.ToString()!.Contains("PME poll"));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_PME_on_the_way_down_brings_the_function_back_when_it_is_there(string profile)
    {
        using Machine machine = Machine.WithPowerAllTheTime(profile, seconds: 0);
        while (machine.Nic.RuntimeStatus != RuntimeStatus.Suspending)
        {
            machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        machine.Nic.Hardware.AssertPme().Should().BeTrue();
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(40));
        machine.Host.Trace.ToTimeline().ToString().Should().Contain("Resuming");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Several_PMEs_wait_their_turn_in_Root_Status(string profile)
    {
        using Machine machine = Machine.WithPowerAllTheTime(profile);
        PciDevice second = machine.Port.AddEndpoint("0000:01:00.1", DeviceImages.E1000E.WithPowerManagement(PmeFromAllStates));
        machine.Host.VfioPci.Bind(second);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(2));
        machine.Nic.Hardware.AssertPme();
        second.Hardware.AssertPme();
        (RootStatus(machine.Port) & ExpressRegisters.RootStatusPmePending).Should().NotBe(0);
        machine.Host.Clock.Advance(TimeSpan.FromMilliseconds(20));
        second.Should().BeIn(PowerState.D0);
        machine.Nic.Should().BeIn(PowerState.D0);
        (RootStatus(machine.Port) & (ExpressRegisters.RootStatusPmePending | ExpressRegisters.RootStatusPme)).Should().Be(0);
    }

    [Fact]
    public void A_fork_in_the_middle_of_it_ends_the_same()
    {
        using Machine machine = Machine.WithPowerAllTheTime("linux-6.12");
        machine.Nic.Hardware.AssertPme();
        using SimulatedHost fork = machine.Host.Fork();
        fork.ComputeStateHash().Should().Be(machine.Host.ComputeStateHash());
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        fork.Clock.Advance(TimeSpan.FromSeconds(1));
        fork.ComputeStateHash().Should().Be(machine.Host.ComputeStateHash());
    }

    // pci_check_pme_status() looks whether there is a pm_cap.
    [Fact]
    public void A_PME_of_a_function_whose_power_management_is_too_new_for_the_kernel_wakes_nobody()
    {
        const ushort VersionFour = PmeFromAllStates + 1;
        using var host = new SimulatedHost(KernelProfile.Linux6_12, firmware: new Firmware { Year = 2014 });
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice card = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(VersionFour));
        card.Hardware.WriteConfig(card.Hardware.Pm!.ControlStatusOffset, 2, PmRegisters.PmeEnable);

        card.Hardware.AssertPme().Should().BeTrue();
        host.Clock.Advance(TimeSpan.FromMilliseconds(20));

        RootStatus(port).Should().Be((uint)card.Address.RequesterId, "the service cleared the status");
        card.Hardware.IsPmeAsserted.Should().BeTrue("nobody took it back");
    }

    private static uint RootStatus(PciDevice port) => port.Hardware.ReadConfig(
        port.Hardware.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.RootStatus, 4);

    /// <summary>A card with PME# from all states, below a root port, bound and asleep.</summary>
    private sealed class Machine : IDisposable
    {
        public Machine(
            string profile, Func<FunctionSetup, FunctionSetup> port, Firmware? firmware = null, bool bind = true, double seconds = 2)
        {
            Host = new SimulatedHost(KernelProfile.Parse(profile), firmware: firmware);
            Port = Host.AddRootPort("0000:00:03.0", setup => port(setup));
            Nic = Port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(PmeFromAllStates));
            if (bind)
            {
                Host.VfioPci.Bind(Nic);
                Host.Clock.Advance(TimeSpan.FromSeconds(seconds));
            }
        }

        public SimulatedHost Host { get; }

        public PciDevice Port { get; }

        public PciDevice Nic { get; }

        /// <summary>The port stays in D0, so that messages get through.</summary>
        public static Machine WithPowerAllTheTime(
            string profile, Firmware? firmware = null, bool bind = true, double seconds = 2) =>
            new(profile, static port => port, firmware ?? new Firmware { Year = 2014 }, bind, seconds);

        /// <summary>The firmware cuts the power of both, and has a wire to be woken by.</summary>
        public static Machine WithWire(string profile) =>
            new(profile, static port => port.WithPowerResource().WithWake(), bind: false);

        public void Dispose() => Host.Dispose();
    }
}

namespace VfioPm.Tests;

// pci_pme_list_scan() (drivers/pci/pci.c): PME_Status of functions that sleep with PME# enabled is read every second.
public sealed class PmePollingTests
{
    /// <summary>PME# leads nowhere: only who looks finds it.</summary>
    private static readonly HardwareBehavior Silent = new() { SendsNoPme = true };

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly EventFd _wake = new();

    public static TheoryData<string> KernelsWithLowPower =>
        new(KernelProfile.Linux6_1.Name, KernelProfile.Linux6_12.Name, KernelProfile.Linux7_3.Name);

    [Theory]
    [MemberData(nameof(KernelsWithLowPower))]
    public void A_function_that_asserts_PME_is_awake_within_a_second(string profile)
    {
        Machine machine = AsleepBelowPortThatIsAwake(profile);

        machine.Nic.Hardware.AssertPme().Should().BeTrue("PME# is enabled before the function sleeps");
        machine.Host.Clock.Advance(Moment);
        _wake.Count.Should().Be(0, "nobody has looked yet");
        machine.Host.Clock.Advance(Period);

        _wake.Count.Should().Be(1);
        machine.Nic.Should().BeIn(PowerState.D0).And.HaveUsageCount(1);
        machine.Nic.Hardware.IsPmeAsserted.Should().BeFalse();
        machine.Host.Trace.ToString().Should().Contain("PME# found by polling");
    }

    // pci_pme_list_scan() since 6.6: pm_runtime_get_if_active() and pm_runtime_put() of the bridge, whoever counts on it.
    [Fact]
    public void pci_pme_list_scan_looks_below_a_port_that_is_active_and_that_nobody_holds_and_lets_it_go_again()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12, firmware: new Firmware { GrantsPme = false });
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice nic = port.AddEndpoint("0000:01:00.0", Machine.WithPme(), static setup => setup.WithBehavior(Silent));
        PciDevice other = port.AddEndpoint("0000:01:00.1");
        host.VfioPci.Bind(nic);
        using VfioDeviceFile file = host.VfioPci.Bind(other).Open();
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        nic.Should().BeIn(PowerState.D3Hot);
        port.Should().BeIn(PowerState.D0).And.HaveUsageCount(0);

        nic.Hardware.AssertPme().Should().BeTrue();
        host.Clock.Advance(Period + Moment);

        host.Trace.ToString().Should().Contain("PME# found by polling");
        port.UsageCount.Should().Be(0);
        file.Dispose();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Hot);
    }

    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void pci_pme_active_takes_functions_off_the_list_that_are_woken_while_it_is_scanned(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile), firmware: new Firmware { GrantsPme = false });
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice[] cards =
        [
            port.AddEndpoint("0000:01:00.0", Machine.WithPme(), static setup => setup.WithBehavior(Silent)),
            port.AddEndpoint("0000:01:00.1", Machine.WithPme(), static setup => setup.WithBehavior(Silent)),
        ];
        port.RuntimePm.Forbid();
        Array.ForEach(cards, card => host.VfioPci.Bind(card));
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        Array.ForEach(cards, static card => card.Hardware.AssertPme().Should().BeTrue());

        // As far as to silence their PME when the scan comes.
        host.Clock.Advance(host.Clock.Pending[0].Due - host.Clock.Now - TimeSpan.FromMilliseconds(11));
        host.Kernel.Scheduler = new Restless();
        PendingCall[] writes = [.. cards.Select(static card => card.Sysfs.BeginWrite("power/control", "on"))];
        host.Clock.Advance(3 * Period);

        writes.Should().AllSatisfy(static write => write.IsCompleted.Should().BeTrue());
        cards.Should().AllSatisfy(static card => card.Should().BeIn(PowerState.D0));
        host.Clock.Pending.Should().BeEmpty("nobody is on the list");
    }

    [Fact]
    public void Without_PME_the_function_sleeps_on_and_is_looked_at_every_second()
    {
        // A second on the timer wheel.
        TimeSpan period = TimeSpan.FromMilliseconds(1024);
        Machine machine = AsleepBelowPortThatIsAwake(KernelProfile.Linux6_1.Name);
        TimeSpan first = NextPoll(machine);

        machine.Host.Clock.Advance(10 * period);

        NextPoll(machine).Should().Be(first + (10 * period));
        machine.Nic.Should().BeIn(PowerState.D3Hot);
    }

    [Fact]
    public void Nobody_is_polled_once_all_are_awake()
    {
        Machine machine = AsleepBelowPortThatIsAwake(KernelProfile.Linux6_1.Name);
        machine.Nic.Sysfs.Write("power/control", "on");

        machine.Host.Clock.Advance(Period);

        machine.Host.Clock.Pending.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(KernelsWithLowPower))]
    public void Below_a_port_that_sleeps_nobody_is_looked_at_until_it_is_awake(string profile)
    {
        Machine machine = AsleepBelowPortThatIsAwake(profile);
        machine.Port.Sysfs.Write("power/control", "auto");
        machine.Host.Clock.Advance(Moment);
        machine.Port.Should().BeIn(PowerState.D3Hot);

        machine.Nic.Hardware.AssertPme();
        machine.Host.Clock.Advance(5 * Period);
        _wake.Count.Should().Be(0);
        machine.Nic.Hardware.IsPmeAsserted.Should().BeTrue();

        machine.Port.Sysfs.Write("power/control", "on");
        machine.Host.Clock.Advance(Period);
        _wake.Count.Should().Be(1);
    }

    [Theory]
    [InlineData("linux-6.1", 0)]
    [InlineData("linux-6.12", 1)]
    [InlineData("linux-7.3", 1)]
    public void Later_kernels_hold_the_bridge_while_they_look(string profile, int holds)
    {
        Machine machine = AsleepBelowPortThatIsAwake(profile);
        machine.Host.Trace.Clear();

        machine.Host.Clock.Advance(Period);

        machine.Host.Trace.Entries
            .Count(entry => entry.Device == Machine.PortAddress && entry.Kind == TraceKind.UsageCount && entry.UsageCount.After == 2)
            .Should().Be(holds);
        machine.Port.UsageCount.Should().Be(1);
    }

    [Fact]
    public void A_fork_polls_for_itself()
    {
        Machine machine = AsleepBelowPortThatIsAwake(KernelProfile.Linux6_1.Name);
        SimulatedHost fork = machine.Host.Fork();
        fork.ComputeStateHash().Should().Be(machine.Host.ComputeStateHash());

        fork[Machine.NicAddress].Hardware.AssertPme();
        fork.Clock.Advance(Period);
        machine.Host.Clock.Advance(Period);

        fork[Machine.NicAddress].Should().BeIn(PowerState.D0);
        machine.Nic.Should().BeIn(PowerState.D3Hot);
    }

    [Fact]
    public void Waiting_for_ever_is_found_out_although_polls_go_on()
    {
        Machine machine = AsleepBelowPortThatIsAwake(KernelProfile.Linux6_1.Name);
        RuntimePmDevice stuck = machine.Host.RuntimePm.AddDevice(
            "stuck", callbacks: new DriverCallbacks { Suspend = static device => device.Resume() });
        stuck.SetActive();
        stuck.Enable();

        stuck.Invoking(static device => device.Suspend()).Should().Throw<SimulationDeadlockException>();
    }

    private static TimeSpan NextPoll(Machine machine) =>
        machine.Host.Clock.Pending.Should().ContainSingle(pending => pending.What == "PME poll").Which.Due;

    private Machine AsleepBelowPortThatIsAwake(string profile)
    {
        var machine = new Machine(KernelProfile.Parse(profile), cutsPower: false, image: Machine.WithPme(), nic: Silent);
        machine.Port.Sysfs.Write("power/control", "on");
        machine.Open().EnterLowPower(_wake);
        machine.Host.Clock.Advance(Moment);
        machine.Nic.Should().BeIn(PowerState.D3Hot);
        return machine;
    }

    /// <summary>Everybody loses the processor wherever he can, and who was ready last goes on.</summary>
    private sealed class Restless : IKernelScheduler
    {
        public bool Preempts(Kernel kernel, PreemptionPoint point) => true;

        public int PickNext(Kernel kernel, IReadOnlyList<PendingEvent> ready) => ready.Count - 1;
    }
}

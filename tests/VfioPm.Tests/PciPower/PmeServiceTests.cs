namespace VfioPm.Tests;

/// <summary>A root port's interrupt for PMEs (<c>drivers/pci/pcie/pme.c</c>).</summary>
public sealed class PmeServiceTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12, firmware: new Firmware { Year = 2014 });
    private readonly PciDevice _port;
    private readonly PciDevice _nic;

    public PmeServiceTests()
    {
        _port = _host.AddRootPort("0000:00:03.0");
        _nic = _port.AddEndpoint("0000:01:00.0", Machine.WithPme());
        _host.VfioPci.Bind(_nic);
        _host.Clock.Advance(TimeSpan.FromSeconds(2));
        _nic.Should().BeIn(PowerState.D3Hot);
    }

    private bool InterruptIsOn => (_port.Hardware.ReadConfig(Register(ExpressRegisters.RootControl), 2)
        & ExpressRegisters.RootControlPmeInterrupt) != 0;

    private bool IsPmeShown => (_port.Hardware.ReadConfig(Register(ExpressRegisters.RootStatus), 4) & ExpressRegisters.RootStatusPme) != 0;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void pcie_pme_irq_silences_the_port_until_the_worker_has_looked()
    {
        uint others = _port.Hardware.ReadConfig(Register(ExpressRegisters.RootControl), 2) & ~(uint)ExpressRegisters.RootControlPmeInterrupt;
        InterruptIsOn.Should().BeTrue();

        _nic.Hardware.AssertPme().Should().BeTrue();

        InterruptIsOn.Should().BeFalse();
        IsPmeShown.Should().BeTrue();
        _host.Clock.Advance(TimeSpan.FromMilliseconds(20));
        InterruptIsOn.Should().BeTrue();
        IsPmeShown.Should().BeFalse();
        (_port.Hardware.ReadConfig(Register(ExpressRegisters.RootControl), 2) & ~(uint)ExpressRegisters.RootControlPmeInterrupt)
            .Should().Be(others);
    }

    [Fact]
    public void pcie_pme_remove_silences_the_port_and_forgets_who_is_to_be_asked()
    {
        _nic.Hardware.AssertPme();

        _port.Unbind();

        InterruptIsOn.Should().BeFalse();
        IsPmeShown.Should().BeFalse();
        _host.Clock.Advance(TimeSpan.FromMilliseconds(20));
        InterruptIsOn.Should().BeFalse("no worker comes any more");
    }

    [Fact]
    public void pcie_pme_probe_clears_what_was_there_before()
    {
        _port.Unbind();
        _host.Clock.Advance(TimeSpan.FromSeconds(3));
        _nic.Hardware.AssertPme();
        IsPmeShown.Should().BeTrue();

        _host.Topology.Sysfs.Write("drivers/pcieport/bind", _port.Name).Should().Succeed();

        IsPmeShown.Should().BeFalse();
        InterruptIsOn.Should().BeTrue();
    }

    [Fact]
    public void A_PME_that_is_late_says_so_in_Root_Status_and_interrupts_when_it_arrives()
    {
        _nic.Hardware.HoldSignals();
        _nic.Hardware.AssertPme().Should().BeTrue();
        IsPmeShown.Should().BeFalse("the message is on its way");

        _port.Hardware.HoldSignals();
        _nic.Hardware.LetSignalsThrough();
        IsPmeShown.Should().BeTrue();
        InterruptIsOn.Should().BeTrue("nobody was interrupted");

        _port.Hardware.LetSignalsThrough();
        InterruptIsOn.Should().BeFalse();
    }

    // pcie_pme_suspend(): the interrupt stays where somebody below is to wake the machine.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void pcie_pme_suspend_leaves_the_interrupt_on_for_who_is_to_wake_the_machine(bool wakes)
    {
        if (wakes)
        {
            _nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
        }

        PendingCall sleep = _host.SystemSleep.BeginSuspend(SystemSleepState.S2Idle, TimeSpan.FromHours(1));
        _host.Clock.Advance(TimeSpan.FromSeconds(1));
        _host.SystemSleep.IsAsleep.Should().BeTrue();
        InterruptIsOn.Should().Be(wakes);

        _nic.Hardware.AssertPme();
        _host.Clock.Advance(TimeSpan.FromSeconds(1));
        sleep.IsCompleted.Should().Be(wakes);

        _host.Clock.Advance(TimeSpan.FromHours(1));
        sleep.IsCompleted.Should().BeTrue();
        InterruptIsOn.Should().BeTrue();
        IsPmeShown.Should().BeFalse();
    }

    // The bus number in Root Status may be of a bus that there is, and a function that is gone.
    [Theory]
    [InlineData(0x0108, "Spurious native interrupt!|interrupt generated for non-existent device 01:01.0")]
    [InlineData(0x0100, "Spurious native interrupt!")]
    [InlineData(0x0900, "Spurious native interrupt!")]
    [InlineData(0x0908, "Spurious native interrupt!")]
    public void pcie_pme_handle_request_tells_of_who_is_not_there(int requester, string said)
    {
        _nic.Sysfs.Write("remove", "1").Should().Succeed();
        _port.AddEndpoint("0000:01:02.0");
        int before = _host.Log.Count;
        ConfigurationSpace space = _port.Hardware.Configuration;
        space.SetBits(Register(ExpressRegisters.RootStatus), (ushort)requester, set: true);
        space.SetBits(Register(ExpressRegisters.RootStatus) + 2, (ushort)(ExpressRegisters.RootStatusPme >> 16), set: true);

        _port.Pme!.OnInterrupt();
        _host.Clock.Advance(TimeSpan.FromMilliseconds(20));

        _host.Log.Skip(before).Select(line => line.Message.Replace($"{_port.Name}: PME: ", "", StringComparison.Ordinal))
            .Should().BeEquivalentTo(said.Split('|'));
    }

    private int Register(int register) => _port.Express!.Offset + register;
}

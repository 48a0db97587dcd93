namespace VfioPm.Tests;

/// <summary>What an open makes of a function, and what a close leaves of it (<c>vfio_pci_core_enable()</c>, <c>vfio_pci_core_disable()</c>).</summary>
public sealed class SessionTests
{
    private readonly Machine _machine = new(KernelProfile.Linux6_12);

    private uint Command => _machine.Nic.Hardware.Configuration.Read(PciRegisters.Command, 2);

    [Fact]
    public void A_function_is_enabled_while_it_is_open()
    {
        VfioPciDevice bound = _machine.Bind();
        IsEnabled.Should().Be("0");

        VfioDeviceFile file = bound.Open();
        IsEnabled.Should().Be("1");
        file.Close();

        IsEnabled.Should().Be("0");
    }

    /// <summary><c>vfio_config_init()</c> meets a capability that is not aligned.</summary>
    [Fact]
    public void An_open_that_fails_leaves_it_as_it_was()
    {
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        bytes[PciRegisters.CapabilityPointer] = 0xe1;
        bytes[0xe1] = CapabilityId.Msi;
        var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddRootPort(Machine.PortAddress).AddEndpoint(Machine.NicAddress, DeviceImages.E1000E.WithBytes(bytes));
        VfioPciDevice bound = host.VfioPci.Bind(nic);

        bound.TryOpen(out _).IsError.Should().BeTrue();

        nic.Sysfs.Read("enable").Text.Should().Be("0");
        bound.IsOpen.Should().BeFalse();
        nic.UsageCount.Should().Be(0);
    }

    // pci_dev_trylock() of the bridge, and out_restore_state.
    [Theory]
    [InlineData("linux-6.1", true)]
    [InlineData("linux-6.12", false)]
    [InlineData("linux-7.3", false)]
    public void A_close_leaves_the_reset_where_somebody_holds_the_bridge(string profile, bool resets)
    {
        var machine = new Machine(KernelProfile.Parse(profile));
        VfioDeviceFile file = machine.Bind().Open();
        machine.Port.TryLock().Should().BeTrue();
        TimeSpan before = machine.Host.Clock.Now;

        file.Close();

        (machine.Host.Clock.Now - before > TimeSpan.FromMilliseconds(10)).Should().Be(resets);
        machine.Port.Unlock();
    }

    [Theory]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", true)]
    public void Who_reads_the_bridge_waits_for_a_close_that_resets(string profile, bool waits)
    {
        var machine = new Machine(KernelProfile.Parse(profile));
        VfioDeviceFile file = machine.Bind().Open();
        file.BeginClose();
        file.Device.Pci.IsLocked.Should().BeTrue("it is being reset");

        PendingCall read = machine.Port.HostConfig.BeginRead(0, new UserMemory(4));

        read.IsCompleted.Should().Be(!waits);
        machine.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        read.Result.Should().Be(new KernelResult(4));
    }

    /// <summary><c>pci_clear_master()</c>, and INTx where it can be masked (<c>pci_intx()</c>).</summary>
    [Fact]
    public void An_open_function_is_no_master_of_the_bus_and_may_interrupt_whatever_somebody_wrote_before()
    {
        VfioPciDevice bound = _machine.Bind();
        _machine.Nic.HostConfig.Write(
            PciRegisters.Command, [(byte)(PciRegisters.CommandMaster | PciRegisters.CommandMemory), (byte)(PciRegisters.CommandInterruptDisable >> 8)]);

        using VfioDeviceFile file = bound.Open();

        (Command & PciRegisters.CommandMaster).Should().Be(0);
        (Command & PciRegisters.CommandInterruptDisable).Should().Be(0);
        (Command & PciRegisters.CommandMemory).Should().NotBe(0);
    }

    /// <summary><c>virq_disabled</c>.</summary>
    [Fact]
    public void A_user_who_disabled_INTx_leaves_it_to_the_next_as_he_found_it()
    {
        VfioPciDevice bound = _machine.Bind();
        VfioDeviceFile first = bound.Open();
        first.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);
        first.Close();
        using VfioDeviceFile second = bound.Open();
        var irq = new EventFd();

        second.EnableIrqs(VfioIrqIndex.Intx, irq).Should().Succeed();
        second.TriggerIrq(VfioIrqIndex.Intx).Should().Succeed();

        irq.Count.Should().Be(1);
        (Command & PciRegisters.CommandInterruptDisable).Should().Be(0);
    }

    [Fact]
    public void What_an_earlier_binding_gave_opens_no_character_device()
    {
        using SimulatedHost host = CdevPair.Make("linux-7.3");
        VfioPciDevice bound = host.VfioPci.Devices[0];
        bound.Unbind();

        FluentActions.Invoking(bound.OpenCdev).Should().Throw<InvalidOperationException>().WithMessage("*was unbound from vfio-pci*");
    }

    [Fact]
    public void A_function_of_another_host_is_refused()
    {
        PciDevice other = new Machine(KernelProfile.Linux6_12).Nic;

        FluentActions.Invoking(() => _machine.Host.VfioPci.TryBind(other)).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => _machine.Host.VfioPci.BeginBind(other)).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Who_listens_hears_what_the_user_asks_for_and_what_he_is_told()
    {
        var witness = new Witness();
        _machine.Host.VfioPci.Events.Add(witness);
        VfioDeviceFile file = _machine.Open();

        file.Config.WritePmcsrState(PowerState.D3Hot);
        file.Config.WritePmcsrState(PowerState.D0);
        file.EnterLowPower(new EventFd()).Should().Succeed();
        _machine.Settle();
        _machine.Nic.RuntimePm.Resume();
        file.EnterLowPower().Should().Succeed();
        file.ExitLowPower().Should().Succeed();
        file.Close();

        witness.Heard.Should().Equal("asks D3Hot", "asks D0", "permits", "told", "permits", "takes back", "takes back");
    }

    private string? IsEnabled => _machine.Nic.Sysfs.Read("enable").Text;

    private sealed class Witness : IVfioListener
    {
        public List<string> Heard { get; } = [];

        public IForkable Fork(ForkContext fork) => this;

        public void OnPowerStateAsked(VfioPciDevice device, PowerState state) => Heard.Add($"asks {state}");

        public void OnLowPowerPermitted(VfioPciDevice device) => Heard.Add("permits");

        public void OnLowPowerTakenBack(VfioPciDevice device) => Heard.Add("takes back");

        public void OnWakeupTold(VfioPciDevice device) => Heard.Add("told");
    }
}

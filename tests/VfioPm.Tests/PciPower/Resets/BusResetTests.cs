namespace VfioPm.Tests;

/// <summary>The reset of all that is below a bridge (<c>__pci_reset_bus()</c>, <c>pci_bridge_secondary_bus_reset()</c>).</summary>
public sealed class BusResetTests
{
    private const int CacheLineSize = 0x0c;

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_bus_restore_locked_gives_everybody_below_a_switch_back_what_he_had_once_he_answers(string profile)
    {
        using SimulatedHost host = WithSwitch(profile, DeviceImages.E1000E, out PciDevice port, out PciDevice nic);
        PciDevice[] all = [nic.Upstream!.Upstream!, nic.Upstream, nic];
        Array.ForEach(all, static device => device.Hardware.WriteConfig(CacheLineSize, 1, 0x10));
        uint control = port.Hardware.ReadConfig(PciRegisters.BridgeControl, 2);
        TimeSpan before = host.Clock.Now;

        port.Sysfs.Write("reset_subordinate", "1").Should().Succeed();

        (host.Clock.Now - before).TotalMilliseconds.Should().BeInRange(200, 300, "two links come up, one after the other");
        all.Should().OnlyContain(static device => device.Hardware.ReadConfig(CacheLineSize, 1) == 0x10);
        all.Should().OnlyContain(static device => device.Hardware.Faults.Count == 0);
        port.Hardware.ReadConfig(PciRegisters.BridgeControl, 2).Should().Be(control);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_reset_secondary_bus_holds_the_reset_for_two_milliseconds(string profile)
    {
        using SimulatedHost host = WithSwitch(profile, DeviceImages.E1000E, out PciDevice port, out _);

        PendingCall reset = port.Sysfs.BeginWrite("reset_subordinate", "1");

        port.Hardware.Bridge!.BusReset.Should().BeTrue();
        host.Clock.Advance(TimeSpan.FromMilliseconds(1.9));
        port.Hardware.Bridge.BusReset.Should().BeTrue();
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        port.Hardware.Bridge.BusReset.Should().BeFalse();
        reset.Result.Should().Be(KernelResult.Success);
    }

    // Whoever must not be reset with the bus: an Atheros card below a switch, and Cavium's root port itself.
    [Theory]
    [InlineData(0x168c, 0x0030, 0x8086, 0x3420)]
    [InlineData(0x8086, 0x10d3, 0x177d, 0xa100)]
    public void pci_bus_resettable_asks_the_bridge_and_everybody_below_it(int vendor, int device, int portVendor, int portDevice)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = AddPort(host, DeviceImages.RootPort.WithIdentity((ushort)portVendor, (ushort)portDevice));
        PciDevice card = AddBelowSwitch(port, DeviceImages.E1000E.WithIdentity((ushort)vendor, (ushort)device));
        card.Hardware.WriteConfig(CacheLineSize, 1, 0x10);
        TimeSpan before = host.Clock.Now;

        port.Sysfs.Write("reset_subordinate", "1").Should().FailWith(Errno.ENOTTY);

        host.Clock.Now.Should().Be(before);
        card.Hardware.ReadConfig(CacheLineSize, 1).Should().Be(0x10);
        port.IsLocked.Should().BeFalse();
    }

    [Fact]
    public void pci_bus_resettable_has_nothing_against_a_switch()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = AddPort(host, DeviceImages.RootPort);
        port.AddUpstreamPort("0000:01:00.0").Sysfs.Write("power/control", "on");

        port.Sysfs.Write("reset_subordinate", "1").Should().Succeed();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_bus_trylock_lets_all_go_where_one_is_held(string profile)
    {
        using SimulatedHost host = WithSwitch(profile, DeviceImages.E1000E, out PciDevice port, out PciDevice nic);
        PciDevice second = nic.Upstream!.AddEndpoint("0000:03:01.0");
        second.TryLock().Should().BeTrue();

        port.Sysfs.Write("reset_subordinate", "1").Should().FailWith(Errno.EAGAIN);

        new[] { port, nic.Upstream.Upstream!, nic.Upstream, nic }.Should().OnlyContain(static device => !device.IsLocked);
        second.Unlock();
        port.Sysfs.Write("reset_subordinate", "1").Should().Succeed();
    }

    // pci_dev_save_and_disable() and pci_dev_restore(): a driver is told before its function is quiet, and after it is as it was.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_driver_is_told_before_and_after_the_reset_of_its_function(string profile)
    {
        using SimulatedHost host = WithSwitch(profile, DeviceImages.E1000E, out PciDevice port, out PciDevice nic);
        var driver = new Told();
        host.Drivers.Register(driver);
        nic.Bind(driver);
        uint command = nic.Hardware.ReadConfig(PciRegisters.Command, 2);
        command.Should().NotBe(PciRegisters.CommandInterruptDisable);

        port.Sysfs.Write("reset_subordinate", "1").Should().Succeed();

        driver.Heard.Should().Equal(("prepare", command), ("done", command));
    }

    private static SimulatedHost WithSwitch(string profile, DeviceImage card, out PciDevice port, out PciDevice nic)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        port = AddPort(host, DeviceImages.RootPort);
        nic = AddBelowSwitch(port, card);
        return host;
    }

    private static PciDevice AddPort(SimulatedHost host, DeviceImage image) => host.AddRootPort("0000:00:03.0", setup => setup.WithImage(image));

    private static PciDevice AddBelowSwitch(PciDevice port, DeviceImage card) =>
        port.AddUpstreamPort("0000:01:00.0").AddDownstreamPort("0000:02:00.0").AddEndpoint("0000:03:00.0", card);

    private sealed class Told : PciDriver
    {
        public override string Name => "told";

        public List<(string What, uint Command)> Heard { get; } = [];

        protected internal override KernelCall<int> Probe(PciDevice device) => PciPm.Enable(device);

        protected internal override KernelCall ResetPrepare(PciDevice device) => Note(device, "prepare");

        protected internal override KernelCall ResetDone(PciDevice device) => Note(device, "done");

        private KernelCall Note(PciDevice device, string what)
        {
            Heard.Add((what, device.Hardware.ReadConfig(PciRegisters.Command, 2)));
            return KernelCall.Returned;
        }
    }
}

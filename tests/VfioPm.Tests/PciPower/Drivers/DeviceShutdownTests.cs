namespace VfioPm.Tests;

/// <summary>What becomes of functions when the machine goes down (<c>device_shutdown()</c>, <c>pci_device_shutdown()</c>).</summary>
public sealed class DeviceShutdownTests
{
    [Theory]
    [InlineData("linux-6.1", 0)]
    [InlineData("linux-6.12", 1)]
    [InlineData("linux-7.3", 1)]
    public void pci_device_shutdown_wakes_everybody_and_tells_the_driver(string profile, int portEnabled)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        PowerState seen = PowerState.Unknown;
        var driver = new ScriptedDriver
        {
            OnShutdown = device =>
            {
                seen = device.PowerState;
                return KernelCall.Returned;
            },
        };
        host.Drivers.Register(driver);
        nic.Bind(driver);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Cold);

        host.Topology.Shutdown(startsKernel: true);
        seen.Should().Be(PowerState.D0);
        nic.IsBusMaster.Should().BeFalse("another kernel begins");
        port.EnableCount.Should().Be(portEnabled);
        host.Clock.Advance(TimeSpan.FromSeconds(10));
        nic.Should().BeIn(PowerState.D0);
    }

    // pci_device_shutdown(): the next kernel finds nobody master of the bus, where that can be written.
    [Theory]
    [InlineData(false, PowerState.D0, true)]
    [InlineData(true, PowerState.D0, false)]
    [InlineData(true, PowerState.D3Hot, false)]
    public void pci_device_shutdown_ends_bus_mastering_before_kexec(bool startsKernel, PowerState state, bool isMaster)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        host.Drivers.Register(new ScriptedDriver { OnShutdown = async device => await PciPm.SetPowerState(device, state) });
        nic.Bind(host.Drivers["nic"]);

        host.Topology.Shutdown(startsKernel);

        nic.IsBusMaster.Should().Be(isMaster);
        (nic.Hardware.ReadConfig(PciRegisters.Command, 2) & PciRegisters.CommandMaster).Should().Be(isMaster ? (uint)PciRegisters.CommandMaster : 0);
    }

    // device_shutdown() takes each from its list.
    [Fact]
    public void device_shutdown_tells_nobody_twice()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        int told = 0;
        host.Drivers.Register(new ScriptedDriver
        {
            Ids = static _ => true,
            OnShutdown = _ =>
            {
                told++;
                return KernelCall.Returned;
            },
        });
        host.AddEndpoint("0000:00:05.0");
        host.AddEndpoint("0000:00:06.0");

        host.Topology.Shutdown();
        host.Topology.Shutdown();

        told.Should().Be(2);
    }

    [Fact]
    public void device_shutdown_holds_the_lock_of_the_bridge_above_too()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        bool isHeld = false;
        var driver = new ScriptedDriver
        {
            OnShutdown = device =>
            {
                isHeld = device.IsLocked && port.IsLocked;
                return KernelCall.Returned;
            },
        };
        host.Drivers.Register(driver);
        nic.Bind(driver);

        host.Topology.Shutdown();

        isHeld.Should().BeTrue();
        port.IsLocked.Should().BeFalse();
    }
}

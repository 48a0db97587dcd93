namespace VfioPm.Tests;

/// <summary>In what order functions go, and what is found of those that were there before (<c>drivers/pci/remove.c</c>, <c>pci_rescan_bus()</c>).</summary>
public sealed class ComingAndGoingTests
{
    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    // pci_stop_bus_device(): from below, and from the end of each bus.
    [Fact]
    public void pci_stop_bus_device_takes_the_last_function_from_its_driver_first_and_the_bridge_last()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        List<string> removed = [];
        host.Drivers.Register(new ScriptedDriver
        {
            Ids = static _ => true,
            OnRemove = device =>
            {
                removed.Add(device.Name);
                return KernelCall.Returned;
            },
        });
        PciDevice bridge = host.AddEndpoint("0000:00:03.0", DeviceImages.EmulatedRootPort.WithPortType(ExpressPortType.PciBridge));
        bridge.AddEndpoint("0000:01:01.0");
        bridge.AddEndpoint("0000:01:02.0");

        bridge.Sysfs.Write("remove", "1").Should().Succeed();

        removed.Should().Equal("0000:01:02.0", "0000:01:01.0", "0000:00:03.0");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void What_is_found_again_is_in_its_group_and_found_once(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice nic = port.AddEndpoint("0000:01:00.0", setup: static setup => setup.WithIommuGroup(77));
        nic.Sysfs.Write("remove", "1").Should().Succeed();

        port.Sysfs.Write("rescan", "1").Should().Succeed();
        port.Sysfs.Write("rescan", "1").Should().Succeed();

        host.Devices.Select(static device => device.Name).Should().Equal("0000:00:03.0", "0000:01:00.0");
        host["0000:01:00.0"].IommuGroup.Should().Be(77);
    }

    // pci_assign_unassigned_bus_resources(): all of a BAR of 64 bits, and nothing beside it.
    [Fact]
    public void A_function_that_lost_its_power_has_both_halves_of_its_BARs_again_and_a_BAR_that_somebody_moved_stays()
    {
        byte[] bytes = DeviceImages.E1000E.Bytes.ToArray();
        BitConverter.TryWriteBytes(bytes.AsSpan(PciRegisters.BaseAddress0), 0x8000_000c);
        BitConverter.TryWriteBytes(bytes.AsSpan(PciRegisters.BaseAddress0 + 4), 0x0000_0012);
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithBytes(bytes).WithBarSize(1, 0).WithBarSize(0, 0x2_0000));
        port.Sysfs.Write("power/control", "on").Should().Succeed();
        nic.Sysfs.Write("remove", "1").Should().Succeed();
        nic.Hardware.SetPower(false);
        nic.Hardware.SetPower(true);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        uint third = nic.Hardware.ReadConfig(PciRegisters.BaseAddress0 + 8, 4);
        nic.Hardware.WriteConfig(PciRegisters.BaseAddress0 + 12, 4, 0x9000_0000);
        uint moved = nic.Hardware.ReadConfig(PciRegisters.BaseAddress0 + 12, 4);

        port.Sysfs.Write("rescan", "1").Should().Succeed();

        nic.Hardware.ReadConfig(PciRegisters.BaseAddress0, 4).Should().Be(0x8000_000c);
        nic.Hardware.ReadConfig(PciRegisters.BaseAddress0 + 4, 4).Should().Be(0x0000_0012);
        nic.Hardware.ReadConfig(PciRegisters.BaseAddress0 + 12, 4).Should().Be(moved);
        third.Should().BeLessThan(4, "it had no address either");
    }

    [Fact]
    public void Another_card_takes_the_place_of_all_that_was_below_its_port_and_of_nobody_else()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        port.AddUpstreamPort("0000:01:00.0").AddDownstreamPort("0000:02:00.0").AddEndpoint("0000:03:00.0");
        PciDevice elsewhere = host.AddRootPort("0000:00:04.0").AddEndpoint("0000:05:00.0");
        elsewhere.Sysfs.Write("remove", "1").Should().Succeed();
        host["0000:01:00.0"].Sysfs.Write("remove", "1").Should().Succeed();
        port.Hardware.PullCard();

        port.InsertCard("0000:01:00.0", DeviceImages.Nvme, setup => setup.WithIommuGroup(9));
        host.Topology.Sysfs.Write("rescan", "1").Should().Succeed();

        host.Devices.Select(static device => device.Name).Should().BeEquivalentTo("0000:00:03.0", "0000:01:00.0", "0000:00:04.0", "0000:05:00.0");
        host["0000:01:00.0"].DeviceId.Should().Be(0x0010);
        host["0000:01:00.0"].IommuGroup.Should().Be(9);
        port.Invoking(static port => port.InsertCard("0000:01:00.0")).Should().Throw<ArgumentException>();
    }
}

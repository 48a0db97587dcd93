namespace VfioPm.Tests;

/// <summary>What is above a function is enabled for it (<c>pci_enable_bridge()</c>), and passes cycles on where it may.</summary>
public sealed class EnableBridgeTests
{
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void A_bridge_without_a_driver_is_enabled_by_the_first_below_it_and_stays_so(string kernel)
    {
        var host = new SimulatedHost(KernelProfile.All.Single(profile => profile.Name == kernel));
        PciDevice bridge = host.AddEndpoint(
            "0000:00:03.0", DeviceImages.EmulatedRootPort.WithPortType(ExpressPortType.PciBridge));
        PciDevice first = bridge.AddEndpoint("0000:01:01.0");
        PciDevice second = bridge.AddEndpoint("0000:01:02.0");
        bridge.EnableCount.Should().Be(0);

        first.Sysfs.Write("enable", "1").Should().Succeed();
        second.Sysfs.Write("enable", "1").Should().Succeed();

        bridge.EnableCount.Should().Be(1);
        bridge.PowerState.Should().Be(PowerState.D0);
        (bridge.Hardware.ReadConfig(PciRegisters.Command, 2) & PciRegisters.CommandMaster).Should().NotBe(0);

        first.Sysfs.Write("enable", "0").Should().Succeed();
        bridge.EnableCount.Should().Be(1);
    }

    // pci_enable_bridge() goes up first, and gives one that is enabled already what it lacks.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void pci_enable_bridge_enables_all_above_and_makes_each_master(bool isEnabledBefore)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        DeviceImage image = DeviceImages.EmulatedRootPort.WithPortType(ExpressPortType.PciBridge);
        PciDevice above = host.AddEndpoint("0000:00:03.0", image);
        PciDevice bridge = above.AddEndpoint("0000:01:00.0", image);
        PciDevice nic = bridge.AddEndpoint("0000:02:01.0");
        if (isEnabledBefore)
        {
            bridge.Sysfs.Write("enable", "1").Should().Succeed();
            PciPm.ClearMaster(above);
            bridge.IsBusMaster.Should().BeFalse();
        }

        nic.Sysfs.Write("enable", "1").Should().Succeed();

        above.EnableCount.Should().Be(1);
        bridge.EnableCount.Should().Be(1);
        new[] { above, bridge }.Should().OnlyContain(static device =>
            device.IsBusMaster && (device.Hardware.ReadConfig(PciRegisters.Command, 2) & PciRegisters.CommandMaster) != 0);
    }

    // pci_enable_resources() of a bridge: its windows are open where their base is not above their limit.
    [Theory]
    [InlineData(0x00f0, 0x0000_fff0u, 0x0000_fff0u, 0)]
    [InlineData(0x1010, 0x0000_fff0u, 0x0000_fff0u, PciRegisters.CommandIo)]
    [InlineData(0x00f0, 0xfe00_fe00u, 0x0000_fff0u, PciRegisters.CommandMemory)]
    [InlineData(0x00f0, 0x0000_fff0u, 0xfd00_fd00u, PciRegisters.CommandMemory)]
    [InlineData(0x1010, 0xfe00_fe00u, 0xfd00_fd00u, PciRegisters.CommandMemory | PciRegisters.CommandIo)]
    public void pci_enable_resources_lets_a_bridge_decode_what_its_windows_are_for(int io, uint memory, uint prefetchable, int expected)
    {
        const int IoBase = 0x1c;
        const int MemoryBase = 0x20;
        const int PrefetchableBase = 0x24;
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        byte[] bytes = DeviceImages.EmulatedRootPort.WithPortType(ExpressPortType.PciBridge).WithBarSize(0, 0).Bytes.ToArray();
        bytes.AsSpan(PciRegisters.BaseAddress0, 8).Clear();
        bytes.AsSpan(PrefetchableBase + 4, 8).Clear();
        bytes[PciRegisters.Command] = 0;
        BitConverter.TryWriteBytes(bytes.AsSpan(IoBase), (ushort)io);
        BitConverter.TryWriteBytes(bytes.AsSpan(MemoryBase), memory);
        BitConverter.TryWriteBytes(bytes.AsSpan(PrefetchableBase), prefetchable);
        PciDevice bridge = host.AddEndpoint("0000:00:03.0", DeviceImages.EmulatedRootPort.WithBarSize(0, 0).WithBytes(bytes));

        bridge.Sysfs.Write("enable", "1").Should().Succeed();

        (bridge.Hardware.ReadConfig(PciRegisters.Command, 2) & (PciRegisters.CommandMemory | PciRegisters.CommandIo)).Should().Be((uint)expected);
    }

    [Fact]
    public void No_memory_cycle_gets_below_a_port_whose_memory_decoding_is_off()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciFunction nic = port.AddEndpoint("0000:01:00.0").Hardware;
        nic.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandMemory | PciRegisters.CommandIo);
        nic.WriteBar(0, 0, 4, 0x1234);

        port.Hardware.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandIo);
        nic.Decodes(0).Should().BeFalse();
        nic.Decodes(2).Should().BeTrue("ports are another matter");
        nic.ReadBar(0, 0, 4).Should().Be(uint.MaxValue);

        port.Hardware.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        nic.ReadBar(0, 0, 4).Should().Be(0x1234);
    }

    [Fact]
    public void A_switch_whose_port_above_was_reset_has_no_bus_numbers_and_what_is_below_does_not_answer()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice upstream = port.AddUpstreamPort("0000:01:00.0");
        PciDevice downstream = upstream.AddDownstreamPort("0000:02:00.0");
        PciDevice nic = downstream.AddEndpoint("0000:03:00.0");
        upstream.Hardware.Bridge!.SecondaryBus.Should().Be(2);
        upstream.Hardware.Bridge.SubordinateBus.Should().Be(3);
        port.Hardware.Bridge!.SubordinateBus.Should().Be(3);
        nic.Hardware.Answers.Should().BeTrue();

        port.Hardware.WriteConfig(PciRegisters.BridgeControl, 2, PciRegisters.BridgeControlBusReset);
        port.Hardware.WriteConfig(PciRegisters.BridgeControl, 2, 0);

        upstream.Hardware.Answers.Should().BeTrue();
        nic.Hardware.Answers.Should().BeFalse();

        upstream.Hardware.WriteConfig(PciRegisters.SecondaryBus, 1, 2);
        downstream.Hardware.WriteConfig(PciRegisters.SecondaryBus, 1, 3);
        nic.Hardware.Answers.Should().BeTrue();
    }
}

namespace VfioPm.Tests.Pci;

/// <summary>
/// Whatever comes between a function and who reads it is seen by the next access, however often the function answered before (PCI Express
/// Base, section 5.3.1; PCI-to-PCI Bridge 1.2, sections 3.2.5.3 and 3.2.5.18).
/// </summary>
public class ReachabilityTests
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(2);

    public enum Obstacle
    {
        PortInD3Hot,
        PortOff,
        BusHeldInReset,
        BusWithoutNumber,
        Off,
        OffWithRegistersKept,
        Silent,
        SlotOff,
        CardOut,
    }

    public static TheoryData<Obstacle> Obstacles => [.. Enum.GetValues<Obstacle>()];

    [Theory]
    [MemberData(nameof(Obstacles))]
    public void Who_cannot_be_reached_does_not_answer_and_answers_again_afterwards(Obstacle obstacle)
    {
        HardwareBehavior behavior = new() { KeepsRegistersWithoutPower = obstacle == Obstacle.OffWithRegistersKept };
        var silicon = new Silicon(behavior: behavior, port: DeviceImages.RootPort.WithHotplugSlot());
        int number = silicon.Port.Bridge!.SecondaryBus;
        IsThere(silicon).Should().BeTrue();
        IsThere(silicon).Should().BeTrue();

        Put(silicon, obstacle, isInTheWay: true, number);
        IsThere(silicon).Should().BeFalse();
        silicon.Endpoint.WriteConfig(PciRegisters.InterruptLine, 1, 0x55);
        silicon.Clock.Advance(TimeSpan.FromMilliseconds(1));
        IsThere(silicon).Should().BeFalse();

        Put(silicon, obstacle, isInTheWay: false, number);
        silicon.Clock.Advance(Recovery);
        IsThere(silicon).Should().BeTrue();
        silicon.Endpoint.ReadConfig(PciRegisters.InterruptLine, 1).Should().NotBe(0x55, "the write got nowhere");
        silicon.Endpoint.Faults.Should().BeEmpty();
    }

    [Theory]
    [InlineData(Obstacle.PortInD3Hot)]
    [InlineData(Obstacle.PortOff)]
    [InlineData(Obstacle.BusHeldInReset)]
    [InlineData(Obstacle.Off)]
    [InlineData(Obstacle.Silent)]
    [InlineData(Obstacle.SlotOff)]
    [InlineData(Obstacle.CardOut)]
    public void Its_memory_is_as_far_away(Obstacle obstacle)
    {
        var silicon = new Silicon(port: DeviceImages.RootPort.WithHotplugSlot());
        int number = silicon.Port.Bridge!.SecondaryBus;
        silicon.Port.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandMemory);
        silicon.Command = PciRegisters.CommandMemory;
        silicon.Endpoint.WriteMapped(0, 0x20, 4, 0x1234_5678);
        silicon.Endpoint.ReadMapped(0, 0x20, 4).Should().Be(0x1234_5678);

        Put(silicon, obstacle, isInTheWay: true, number);

        silicon.Endpoint.ReadMapped(0, 0x20, 4).Should().Be(uint.MaxValue);
    }

    private static bool IsThere(Silicon silicon) => silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 4) == 0x10d3_8086;

    private static void Put(Silicon silicon, Obstacle obstacle, bool isInTheWay, int number)
    {
        PciFunction port = silicon.Port;
        switch (obstacle)
        {
            case Obstacle.PortInD3Hot:
                port.WriteConfig(port.Pm!.ControlStatusOffset, 2, isInTheWay ? (uint)PowerState.D3Hot : 0);
                break;
            case Obstacle.PortOff:
                port.SetPower(!isInTheWay);
                if (!isInTheWay)
                {
                    silicon.Clock.Advance(Recovery);
                    port.WriteConfig(PciRegisters.SecondaryBus, 1, (uint)number);
                }

                break;
            case Obstacle.BusHeldInReset:
                port.WriteConfig(PciRegisters.BridgeControl, 2, isInTheWay ? PciRegisters.BridgeControlBusReset : 0u);
                break;
            case Obstacle.BusWithoutNumber:
                port.WriteConfig(PciRegisters.SecondaryBus, 1, isInTheWay ? 0 : (uint)number);
                break;
            case Obstacle.Off or Obstacle.OffWithRegistersKept:
                silicon.Endpoint.SetPower(!isInTheWay);
                break;
            case Obstacle.Silent when isInTheWay:
                silicon.Endpoint.FallSilent(TimeSpan.FromMilliseconds(100));
                break;
            case Obstacle.SlotOff:
                int control = port.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.SlotControl;
                port.WriteConfig(control, 2, isInTheWay ? ExpressRegisters.SlotControlPowerOff : 0u);
                break;
            case Obstacle.CardOut when isInTheWay:
                port.PullCard();
                break;
            case Obstacle.CardOut:
                port.PutCardBack();
                break;
        }
    }
}

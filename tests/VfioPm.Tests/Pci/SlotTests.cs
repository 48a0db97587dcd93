namespace VfioPm.Tests.Pci;

/// <summary>A port's slot as silicon (PCI Express Base, section 6.7): what it tells, and what becomes of the card.</summary>
public sealed class SlotTests
{
    private const uint IndicatorOff = ExpressRegisters.SlotControlPowerIndicator;
    private const uint IndicatorOn = 0x0100;

    [Fact]
    public void A_slot_that_is_switched_off_keeps_its_card()
    {
        PciFunction port = Make(new HardwareBehavior());
        Control(port, ExpressRegisters.SlotControlPowerOff | IndicatorOff);
        port.IsSlotOff.Should().BeTrue();
        port.HasCard.Should().BeTrue();
    }

    [Fact]
    public void A_slot_that_lets_go_does_so_when_its_indicator_is_off_as_well()
    {
        PciFunction port = Make(new HardwareBehavior { LetsCardGoWhenOff = true });
        Control(port, IndicatorOff);
        port.HasCard.Should().BeTrue("it has power");
        Control(port, ExpressRegisters.SlotControlPowerOff | IndicatorOn);
        port.HasCard.Should().BeTrue("the indicator says that nobody may take it");
        Control(port, ExpressRegisters.SlotControlPowerOff | IndicatorOff);

        port.HasCard.Should().BeFalse();
        (Status(port) & (ExpressRegisters.SlotStatusPresenceChanged | ExpressRegisters.SlotStatusPresence))
            .Should().Be(ExpressRegisters.SlotStatusPresenceChanged);
    }

    [Fact]
    public void A_card_that_is_put_into_a_slot_that_is_off_stays()
    {
        PciFunction port = Make(new HardwareBehavior { LetsCardGoWhenOff = true });
        Control(port, ExpressRegisters.SlotControlPowerOff | IndicatorOff);
        port.PutCardBack();
        Control(port, ExpressRegisters.SlotControlPowerOff | IndicatorOff);
        port.HasCard.Should().BeTrue();
    }

    // Its power resource is a line that resets it, but the slot has none.
    [Fact]
    public void A_card_in_a_slot_that_is_off_does_not_answer_whatever_it_does_without_its_power_resource()
    {
        PciFunction port = Make(new HardwareBehavior { AnswersWithoutPower = true });
        PciFunction card = port.Downstream[0];
        card.SetPower(false);
        card.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0x8086);
        card.SetPower(true);
        Control(port, ExpressRegisters.SlotControlPowerOff);
        card.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0xffff);
    }

    // Slot Control has the power indicator where Slot Status has the link's event.
    [Theory]
    [InlineData(ExpressRegisters.SlotControlPowerIndicator, 0)]
    [InlineData(ExpressRegisters.SlotControlLinkChanged, 1)]
    public void A_change_of_the_link_interrupts_where_its_own_bit_is_set(uint enabled, int expected)
    {
        PciFunction port = Make(new HardwareBehavior());
        var interrupts = new Interrupts();
        port.Listener = interrupts;
        Control(port, ExpressRegisters.SlotControlHotplugInterrupt | enabled);
        port.PullCard();
        (Status(port) & ExpressRegisters.SlotStatusLinkChanged).Should().NotBe(0);
        interrupts.OfSlot.Should().Be(expected);
    }

    [Fact]
    public void A_port_that_cannot_enable_the_event_of_its_link_does_not_tell_of_it()
    {
        PciFunction port = Make(new HardwareBehavior(), writableControl: 0x07f9);
        port.PullCard();
        (Status(port) & (ExpressRegisters.SlotStatusPresenceChanged | ExpressRegisters.SlotStatusLinkChanged))
            .Should().Be(ExpressRegisters.SlotStatusPresenceChanged);
    }

    private static PciFunction Make(HardwareBehavior behavior, uint? writableControl = null)
    {
        DeviceImage image = DeviceImages.RootPort.WithHotplugSlot();
        if (writableControl is { } bits)
        {
            image = image.WithWritableBits(ExpressOf(image.Capabilities) + ExpressRegisters.SlotControl, 2, bits);
        }

        return new Silicon(behavior: behavior, port: image).Port;
    }

    private static void Control(PciFunction port, uint value) =>
        port.WriteConfig(ExpressOf(port.Capabilities) + ExpressRegisters.SlotControl, 2, value);

    private static uint Status(PciFunction port) =>
        port.ReadConfig(ExpressOf(port.Capabilities) + ExpressRegisters.SlotStatus, 2);

    private static int ExpressOf(CapabilityList capabilities) => capabilities.Find(CapabilityId.Express)!.Value.Offset;

    private sealed class Interrupts : IHardwareListener
    {
        public int OfSlot { get; private set; }

        public void OnPowerStateChanged(PowerState before)
        {
        }

        public void OnReset(ResetKind kind)
        {
        }

        public void OnRootPme()
        {
        }

        public void OnSlotEvent() => OfSlot++;

        public void OnWakeSignal()
        {
        }

        public void OnUnanswered(int? bar, long offset)
        {
        }
    }
}

namespace VfioPm.Tests;

/// <summary>
/// What a slot is asked for in each of its states, and what it shows meanwhile (<c>pciehp_ctrl.c</c>, <c>pciehp_core.c</c>): as hexadecimal
/// digits Power Controller Control and the power indicator, and the attention indicator.
/// </summary>
public sealed class HotplugControllerTests
{
    private const string Power = "slots/1/power";

    // The power indicator is on, blinks or is off; the attention indicator is off, or on.
    private const uint On = 0x01c0;
    private const uint Blinks = 0x02c0;
    private const uint Off = 0x07c0;
    private const uint BlinksAfterFault = 0x0240;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(8);

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pciehp_set_indicators_shows_what_the_button_asked_for(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out _);

        Press(host, port, 1);
        Shown(port).Should().Be(Blinks);
        Press(host, port, 1);
        Shown(port).Should().Be(On, "it was taken back");
        Press(host, port, 8);
        Shown(port).Should().Be(Off);
        host.Devices.Should().Equal(port);

        Press(host, port, 1);
        Shown(port).Should().Be(Blinks | ExpressRegisters.SlotControlPowerOff);
        Press(host, port, 1);
        Shown(port).Should().Be(Off, "it was taken back");
        Press(host, port, 8);
        Shown(port).Should().Be(On);
        host[CardInSlot.Card].IsThere.Should().BeTrue();
    }

    // board_added() leaves the attention indicator alone, and set_slot_off() lights it.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void board_added_blinks_and_a_card_that_does_not_answer_has_attention(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort(CardInSlot.Port, static setup => setup.WithImage(DeviceImages.RootPort.WithHotplugSlot()));
        port.AddEndpoint(CardInSlot.Card, setup: static setup =>
            setup.WithBehavior(new HardwareBehavior { SilenceAfterPowerOn = HardwareBehavior.Forever }));
        host.Topology.Sysfs.Write(Power, "0").Should().Succeed();
        List<uint> shown = [];

        host.Topology.Sysfs.BeginWrite(Power, "1");
        for (int i = 0; i < 500; i++)
        {
            host.Clock.Advance(TimeSpan.FromMilliseconds(10));
            if (shown.Count == 0 || shown[^1] != Shown(port))
            {
                shown.Add(Shown(port));
            }
        }

        // It is a second without power, and its link that went down a card that came, so that the fault is over at once but for the attention.
        shown.Take(4).Should().Equal(
            Blinks, Blinks | ExpressRegisters.SlotControlPowerOff, BlinksAfterFault, BlinksAfterFault | ExpressRegisters.SlotControlPowerOff);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pciehp_queue_pushbutton_work_of_a_slot_that_is_empty_by_then_switches_nothing_on(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out _);
        host.Topology.Sysfs.Write(Power, "0").Should().Succeed();
        Press(host, port, 1);

        port.Hardware.PullCard();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        Shown(port).Should().Be(Blinks | ExpressRegisters.SlotControlPowerOff, "it finds out when the five seconds are over");
        host.Clock.Advance(Long);

        Shown(port).Should().Be(Off);
        SaidLast(host).Should().Be("Card not present");
        Press(host, port, 1);
        Shown(port).Should().Be(Blinks | ExpressRegisters.SlotControlPowerOff, "it may be asked again");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pciehp_sysfs_enable_slot_of_an_empty_slot_finds_nobody(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out _);
        host.Topology.Sysfs.Write(Power, "0").Should().Succeed();
        port.Hardware.PullCard();
        host.Clock.Advance(Long);

        host.Topology.Sysfs.Write(Power, "1").Should().FailWith(Errno.ENODEV);

        host.Topology.Sysfs.Read("slots/1/adapter").Text.Should().Be("0");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pciehp_sysfs_disable_slot_and_enable_slot_say_what_the_slot_is_about(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out _, out PciDevice card);
        VfioDeviceFile user = host.VfioPci.Bind(card).Open();
        host.Topology.Sysfs.Write(Power, "1").Should().FailWith(Errno.ENODEV);
        SaidLast(host).Should().Be("Already enabled");

        PendingCall off = host.Topology.Sysfs.BeginWrite(Power, "0");
        host.Clock.Advance(TimeSpan.FromMilliseconds(100));
        off.IsCompleted.Should().BeFalse("the card has a user");
        host.Topology.Sysfs.Write(Power, "0").Should().FailWith(Errno.ENODEV);
        SaidLast(host).Should().Be("Already in powering off state");
        host.Topology.Sysfs.Write(Power, "1").Should().FailWith(Errno.ENODEV);
        SaidLast(host).Should().Be("Already enabled");

        user.Dispose();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        off.Result.Should().Be(KernelResult.Success);
        host.Topology.Sysfs.Write(Power, "0").Should().FailWith(Errno.ENODEV);
        SaidLast(host).Should().Be("Already disabled");

        PendingCall on = host.Topology.Sysfs.BeginWrite(Power, "1");
        host.Clock.Advance(TimeSpan.FromMilliseconds(50));
        on.IsCompleted.Should().BeFalse("its link takes a tenth of a second");
        host.Topology.Sysfs.Write(Power, "1").Should().FailWith(Errno.ENODEV);
        SaidLast(host).Should().Be("Already in powering on state");
        host.Topology.Sysfs.Write(Power, "0").Should().FailWith(Errno.ENODEV);
        SaidLast(host).Should().Be("Already disabled");
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        on.Result.Should().Be(KernelResult.Success);
    }

    // remove_board(): msleep(1000).
    [Theory]
    [MemberData(nameof(Kernels))]
    public void remove_board_waits_a_second_for_the_power_to_go(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out _);
        PendingCall off = host.Topology.Sysfs.BeginWrite(Power, "0");
        host.Clock.Advance(TimeSpan.FromMilliseconds(990));

        off.IsCompleted.Should().BeFalse();
        Shown(port).Should().NotBe(Off);
        host.Clock.Advance(TimeSpan.FromMilliseconds(100));
        off.Result.Should().Be(KernelResult.Success);
        Shown(port).Should().Be(Off);
    }

    // __pciehp_disable_slot(), where somebody else took the power and no interrupt told of it.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void pciehp_disable_slot_of_a_slot_without_power_is_an_error(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        port.Hardware.WriteConfig(port.Express!.Offset + ExpressRegisters.SlotControl, 2, ExpressRegisters.SlotControlPowerOff);

        host.Topology.Sysfs.Write(Power, "0").Should().FailWith(Errno.EINVAL);

        SaidLast(host).Should().Be("Already disabled");
        host.Devices.Should().Equal([port, card], "it stays there for the kernel");
    }

    // cancel_delayed_work(): the five seconds of a press that something else came before are over, and those of the next press its own.
    [Theory]
    [InlineData("1", "0")]
    [InlineData("0", "1")]
    public void Who_switches_the_slot_takes_the_press_of_the_button_back(string first, string then)
    {
        using SimulatedHost host = CardInSlot.Make("linux-6.12", out PciDevice port, out _);
        host.Topology.Sysfs.Write(Power, first);
        Press(host, port, 0.1);
        host.Topology.Sysfs.Write(Power, then).Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        Press(host, port, 4.6);
        host.Topology.Sysfs.Read(Power).Text.Should().Be(then, "that press is not five seconds old");
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        host.Topology.Sysfs.Read(Power).Text.Should().Be(first);
    }

    [Fact]
    public void pciehp_sysfs_enable_slot_takes_the_press_of_the_button_back_where_nobody_is_in_the_slot()
    {
        using SimulatedHost host = CardInSlot.Make("linux-6.12", out PciDevice port, out _);
        host.Topology.Sysfs.Write(Power, "0").Should().Succeed();
        port.Hardware.PullCard();
        Press(host, port, 1);
        host.Topology.Sysfs.Write(Power, "1").Should().FailWith(Errno.ENODEV);
        Shown(port).Should().Be(Off);

        Press(host, port, 4.6);
        Shown(port).Should().Be(Blinks | ExpressRegisters.SlotControlPowerOff);
    }

    [Fact]
    public void A_card_that_is_pulled_takes_the_press_of_the_button_back()
    {
        using SimulatedHost host = CardInSlot.Make("linux-6.12", out PciDevice port, out _);
        Press(host, port, 0.1);
        port.Hardware.PullCard();
        host.Clock.Advance(TimeSpan.FromSeconds(1.5));
        Shown(port).Should().Be(Off);

        Press(host, port, 4.6);
        Shown(port).Should().Be(Blinks | ExpressRegisters.SlotControlPowerOff);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pciehp_sysfs_disable_slot_has_nothing_to_do_while_a_card_that_was_pulled_is_given_up(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        host.VfioPci.Bind(card).Open();
        port.Hardware.PullCard();
        host.Clock.Advance(TimeSpan.FromMilliseconds(100));

        host.Topology.Sysfs.Write(Power, "0").Should().FailWith(Errno.ENODEV);

        SaidLast(host).Should().Be("Already in powering off state");
    }

    [Fact]
    public void pciehp_handle_presence_or_link_change_says_what_it_was_told()
    {
        using SimulatedHost pulled = CardInSlot.Make("linux-6.12", out PciDevice port, out _);
        port.Hardware.PullCard();
        pulled.Clock.Advance(Long);
        Said(pulled).Should().Equal("Link Down", "Card not present");

        using SimulatedHost dark = CardInSlot.Make("linux-6.12", out port, out _);
        int control = port.Express!.Offset + ExpressRegisters.SlotControl;
        port.Hardware.WriteConfig(control, 2, port.Hardware.ReadConfig(control, 2) | ExpressRegisters.SlotControlPowerOff);
        dark.Clock.Advance(Long);
        Said(dark).Take(2).Should().Equal("Link Down", "Already disabled");
    }

    // pciehp_unconfigure_device(): a card that stays in its slot is quiet.
    [Fact]
    public void pciehp_unconfigure_device_takes_bus_mastering_and_the_pin_from_a_card_that_stays_there()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort(CardInSlot.Port, static setup => setup.WithImage(DeviceImages.RootPort.WithHotplugSlot(isBare: true)));
        PciDevice card = port.AddEndpoint(CardInSlot.Card);
        card.Hardware.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandMaster | PciRegisters.CommandMemory | PciRegisters.CommandSerr);

        host.Topology.Sysfs.Write(Power, "0").Should().Succeed();

        card.Hardware.ReadConfig(PciRegisters.Command, 2).Should().Be(PciRegisters.CommandMemory | PciRegisters.CommandInterruptDisable);
    }

    // pciehp_remove() and pciehp_probe().
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_slot_is_served_while_the_ports_driver_is_bound(bool isPulled)
    {
        using SimulatedHost host = CardInSlot.Make("linux-6.12", out PciDevice port, out PciDevice card);
        Press(host, port, 1);

        host.Topology.Sysfs.Write("drivers/pcieport/unbind", port.Name).Should().Succeed();

        port.SlotName.Should().BeNull();
        host.Topology.Sysfs.Read(Power).Error.Should().Be(Errno.ENOENT);
        (port.Hardware.ReadConfig(port.Express!.Offset + ExpressRegisters.SlotControl, 2) & 0x103f).Should().Be(0);
        host.Clock.Advance(Long);
        host.Devices.Should().Equal([port, card], "the five seconds of the button are over, too");

        port.Hardware.PressAttentionButton();
        if (isPulled)
        {
            port.Hardware.PullCard();
        }

        host.Clock.Advance(Long);
        host.Devices.Should().Equal(port, card);
        host.Topology.Sysfs.Write("drivers/pcieport/bind", port.Name).Should().Succeed();
        host.Clock.Advance(Long);

        port.SlotName.Should().Be("1");
        host.Devices.Should().Equal((PciDevice[])(isPulled ? [port] : [port, card]), "what was pressed before is forgotten, who is gone is not");
        host.Topology.Sysfs.Read(Power).Text.Should().Be(isPulled ? "0" : "1");
        Press(host, port, 1);
        (Shown(port) & ExpressRegisters.SlotControlPowerIndicator).Should().Be(Blinks & ExpressRegisters.SlotControlPowerIndicator);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pciehp_enable_slot_and_disable_slot_let_the_port_sleep_again(string profile)
    {
        using SimulatedHost host = CardInSlot.MakeAsleep(profile, out PciDevice port, out _, PowerState.D3Hot);

        host.Topology.Sysfs.Write(Power, "0").Should().Succeed();
        port.UsageCount.Should().Be(0);
        host.Topology.Sysfs.Write(Power, "1").Should().Succeed();
        port.UsageCount.Should().Be(0);

        host.VfioPci.Bind(host[CardInSlot.Card]);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Hot);
    }

    private static void Press(SimulatedHost host, PciDevice port, double seconds)
    {
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(TimeSpan.FromSeconds(seconds));
    }

    private static uint Shown(PciDevice port) => port.Hardware.ReadConfig(port.Express!.Offset + ExpressRegisters.SlotControl, 2) & 0x07c0;

    private static IEnumerable<string> Said(SimulatedHost host) => host.Log
        .Select(static line => line.Message).Where(static message => message.StartsWith("pciehp: Slot(1): ", StringComparison.Ordinal))
        .Select(static message => message["pciehp: Slot(1): ".Length..]);

    private static string SaidLast(SimulatedHost host) => Said(host).Last();
}

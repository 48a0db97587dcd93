namespace VfioPm.Tests;

/// <summary>Cards that cannot be taken into use (<c>board_added()</c>, <c>pciehp_check_link_status()</c>), and slots where none is.</summary>
public sealed class SlotFailureTests
{
    private const int PowerIndicatorOff = 0x0300;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    /// <summary>
    /// A second for its answer, and one without power, whose link goes down with it: set_slot_off() does not forget that, as remove_board()
    /// does, so that it counts as a card that came.
    /// </summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_card_that_does_not_answer_is_tried_again_and_again(string profile)
    {
        using SimulatedHost host = MakeDying(profile, isBare: false, out PciDevice port);
        host.Topology.Sysfs.Write("slots/1/power", "0").Should().Succeed();

        PendingCall request = host.Topology.Sysfs.BeginWrite("slots/1/power", "1");
        host.Clock.Advance(Long);

        request.IsCompleted.Should().BeFalse("it waits until there are no more events");
        host.Log.Count(static line => line.Message == "pciehp: Slot(1): No device found").Should().BeInRange(5, 9);
        host.Devices.Should().Equal(port);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_slot_without_a_power_controller_has_no_power_to_switch_off(string profile)
    {
        using SimulatedHost host = MakeDying(profile, isBare: true, out PciDevice port);
        port.Hardware.PullCard();
        host.Clock.Advance(Long);

        port.Hardware.PutCardBack();
        host.Clock.Advance(Long);

        host.Log.Should().Say("0000:00:03.0: pciehp: Slot(1): No device found");
        host.Devices.Should().Equal(port);
        host.Topology.Sysfs.Read("slots/1/power").Text.Should().Be("1");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Where_the_link_does_not_come_up_there_is_no_card(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort(CardInSlot.Port, static setup => setup
            .WithImage(DeviceImages.RootPort.WithHotplugSlot())
            .WithPowerResource()
            .WithBehavior(new HardwareBehavior { LosesLinkWithPower = true }));
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Cold);

        port.InsertCard(CardInSlot.Card);
        port.RuntimePm.GetSync();
        host.Clock.Advance(Long);

        host.Log.Should().Say("0000:00:03.0: pciehp: Slot(1): No link");
        host.Devices.Should().Equal(port);
    }

    [Theory]
    [InlineData("linux-6.1", "Action canceled due to button press")]
    [InlineData("linux-6.12", "Button press: canceling request to power on")]
    public void A_second_press_leaves_a_slot_off_that_was(string profile, string said)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out _);
        host.Topology.Sysfs.Write("slots/1/power", "0").Should().Succeed();

        port.Hardware.PressAttentionButton();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(Long);

        host.Log.Should().Say($"0000:00:03.0: pciehp: Slot(1): {said}");
        host.Devices.Should().Equal(port);
        host.Topology.Sysfs.Read("slots/1/power").Text.Should().Be("0");
        (SlotControlOf(port) & PowerIndicatorOff).Should().Be(PowerIndicatorOff);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Attributes_of_a_slot_that_nobody_serves_are_not_there(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out _, out _);

        host.Topology.Sysfs.Read("slots/2/power").Error.Should().Be(Errno.ENOENT);
        host.Topology.Sysfs.Write("slots/2/power", "1").Should().FailWith(Errno.ENOENT);
        host.Topology.Sysfs.Read("slots/1/colour").Error.Should().Be(Errno.ENOENT);
        host.Topology.Sysfs.Write("slots/1/adapter", "1").Should().FailWith(Errno.EACCES);
    }

    private static SimulatedHost MakeDying(string profile, bool isBare, out PciDevice port) =>
        Make(profile, new HardwareBehavior { SilenceAfterPowerOn = HardwareBehavior.Forever }, isBare, out port);

    private static SimulatedHost Make(string profile, HardwareBehavior behavior, bool isBare, out PciDevice port)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        port = host.AddRootPort(CardInSlot.Port, setup => setup.WithImage(DeviceImages.RootPort.WithHotplugSlot(isBare)));
        port.AddEndpoint(CardInSlot.Card, setup: setup => setup.WithBehavior(behavior));
        return host;
    }

    private static int SlotControlOf(PciDevice port) =>
        (int)port.Hardware.ReadConfig(port.Express!.Offset + ExpressRegisters.SlotControl, 2);
}

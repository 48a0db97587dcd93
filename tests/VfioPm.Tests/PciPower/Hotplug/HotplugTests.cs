namespace VfioPm.Tests;

/// <summary>
/// Cards that come and go (<c>pciehp_ctrl.c</c>, <c>pciehp_pci.c</c>): by the button, by the administrator, or pulled out, in each
/// state of the card and of its user.
/// </summary>
public sealed class HotplugTests
{
    private const string Power = "slots/1/power";

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(8);

    public static TheoryData<string> Kernels => [.. KernelProfile.All.Select(static profile => profile.Name)];

    public static TheoryData<string> KernelsWithLowPower => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pciehp_handle_button_press_gives_the_card_up_five_seconds_later(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        host.VfioPci.Bind(card);

        port.Hardware.PressAttentionButton();
        host.Clock.Advance(TimeSpan.FromSeconds(4.9));
        host.Devices.Should().Equal(port, card);
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        host.Devices.Should().Equal(port);
        host.VfioPci.Devices.Should().BeEmpty();
        card.Hardware.HasPower.Should().BeFalse("the slot has a power controller");
        card.IsDisconnected.Should().BeFalse("it was asked for");
        host.Topology.Sysfs.Read(Power).Text.Should().Be("0");
    }

    [Theory]
    [InlineData("linux-6.1", "Attention button pressed|Powering off due to button press|Attention button pressed|Button cancel|Action canceled due to button press")]
    [InlineData("linux-6.12", "Button press: will power off in 5 sec|Button press: canceling request to power off")]
    [InlineData("linux-7.3", "Button press: will power off in 5 sec|Button press: canceling request to power off")]
    public void A_second_press_takes_the_first_one_back(string profile, string said)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(Long);
        host.Devices.Should().Equal(port, card);
        string.Join('|', host.Log.Select(static line => line.Message.Replace("pciehp: Slot(1): ", "", StringComparison.Ordinal)))
            .Should().Be(said);
    }

    // pci_read_config_word() asks pci_dev_is_disconnected() before the hardware: no other card is taken for the one that is gone.
    [Theory]
    [MemberData(nameof(KernelsWithLowPower))]
    public void What_the_kernel_has_given_up_stays_in_D3cold_for_it_though_a_card_is_in_the_slot_again(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        VfioDeviceFile file = host.VfioPci.Bind(card).Open();
        file.EnterLowPower().Should().Be(KernelResult.Success);
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        port.Hardware.PullCard();
        port.Hardware.PutCardBack();
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        card.IsDisconnected.Should().BeTrue();
        card.Hardware.Answers.Should().BeTrue("its user has not let go of it yet");
        card.Should().BeIn(PowerState.D3Cold);
        card.Sysfs.Read("current_link_speed").Error.Should().Be(Errno.EINVAL);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pciehp_isr_runs_when_the_interrupt_arrives(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);

        port.Hardware.HoldSignals();
        port.Hardware.PullCard();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        host.Devices.Should().Equal(port, card);

        port.Hardware.LetSignalsThrough();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        host.Devices.Should().Equal(port);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pciehp_sysfs_disable_slot_and_enable_slot_give_the_card_up_and_find_it_again(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        host.VfioPci.Bind(card);
        host.Topology.Sysfs.Read(Power).Text.Should().Be("1");
        host.Topology.Sysfs.Write(Power, "0").Should().Succeed();
        host.Devices.Should().Equal(port);
        host.Topology.Sysfs.Write(Power, "0").Should().FailWith(Errno.ENODEV, "it is already disabled");
        host.Topology.Sysfs.Read("slots/1/adapter").Text.Should().Be("1", "it sits there all the same");

        host.Topology.Sysfs.Write(Power, "1").Should().Succeed();

        host[CardInSlot.Card].Should().NotBeSameAs(card);
        host[CardInSlot.Card].Hardware.Should().BeSameAs(card.Hardware);
        host[CardInSlot.Card].Driver.Should().BeNull();
        host.VfioPci.Bind(host[CardInSlot.Card]).Open().Config.Read(PciRegisters.VendorId, 2).Should().Be(0x8086);
        host.Topology.Sysfs.Write(Power, "1").Should().FailWith(Errno.ENODEV);
        host.Topology.Sysfs.Write(Power, "2").Should().FailWith(Errno.EINVAL);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Surprise_removal_marks_the_card_disconnected_and_waits_for_its_user(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        VfioDeviceFile file = host.VfioPci.Bind(card).Open();
        var request = new EventFd();
        file.EnableIrqs(VfioIrqIndex.Req, request).Should().Succeed();
        VfioMapping mapping = file.Map(0, 0, 0x1000);

        port.Hardware.PullCard();
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        card.IsDisconnected.Should().BeTrue();
        request.Count.Should().Be(1, "the user is asked for the device");
        host.Log.Should().Say("0000:00:03.0: pciehp: Slot(1): Link Down");
        host.Log.Should().Say("0000:01:00.0: Relaying device request to user (#0)");
        host.Devices.Should().Equal(port, card);
        port.Should().BeIn(PowerState.D0, "who gives the card up holds the port");

        file.Config.Read(PciRegisters.Status, 2).Should().Be(0xffff, "nobody answers");
        mapping.Read(0, 4).Value.Should().Be(0xffff_ffff);

        host.Clock.Advance(TimeSpan.FromSeconds(25));
        request.Count.Should().Be(3, "every ten seconds");
        mapping.Dispose();
        file.Dispose();
        host.Clock.Advance(TimeSpan.FromSeconds(90));
        host.Devices.Should().Equal(port);
        host.VfioPci.Devices.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void vfio_pci_core_request_warns_where_the_user_does_not_listen(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        VfioDeviceFile file = host.VfioPci.Bind(card).Open();
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        host.Log.Should().Say("0000:01:00.0: No device request channel registered, blocked until released by user");
        host.Devices.Should().Equal(port, card);
        file.Config.Read(PciRegisters.VendorId, 2).Should().Be(0x8086, "the card is there until the user lets go");
        file.Dispose();
        host.Clock.Advance(Long);
        host.Devices.Should().Equal(port);
    }

    [Theory]
    [MemberData(nameof(KernelsWithLowPower))]
    public void A_card_that_is_pulled_in_low_power_is_missed_until_the_port_wakes(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card, PowerState.D3Cold);
        VfioDeviceFile file = host.VfioPci.Bind(card).Open();
        var request = new EventFd();
        file.EnableIrqs(VfioIrqIndex.Req, request).Should().Succeed();
        file.EnterLowPower().Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Cold);

        port.Hardware.PullCard();
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        request.Count.Should().Be(0, "without power the port sees nothing");
        host.Devices.Should().Equal(port, card);

        // Any access wakes the port, which then looks.
        PendingCall reset = file.BeginReset();
        host.Clock.Advance(TimeSpan.FromMinutes(5));
        reset.IsCompleted.Should().BeTrue();
        request.Count.Should().BeGreaterThan(0);
        host.Log.Should().Say("0000:00:03.0: pciehp: Slot(1): Card not present");
        file.Dispose();
        host.Clock.Advance(TimeSpan.FromMinutes(5));
        host.Devices.Should().Equal(port);
    }

    [Theory]
    [MemberData(nameof(KernelsWithLowPower))]
    public void The_button_of_a_port_in_D3hot_is_a_PME_that_wakes_the_port(string profile)
    {
        using SimulatedHost host = CardInSlot.MakeAsleep(profile, out PciDevice port, out PciDevice card, PowerState.D3Hot);
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(TimeSpan.FromMilliseconds(50));
        port.Should().BeIn(PowerState.D0);
        host.Clock.Advance(Long);
        host.Devices.Should().Equal(port);
    }

    [Theory]
    [MemberData(nameof(KernelsWithLowPower))]
    public void pciehp_check_presence_switches_a_slot_on_again_when_its_port_wakes(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card, PowerState.D3Cold);
        host.Topology.Sysfs.Write(Power, "0").Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        host.Devices.Should().Equal(port);
        port.Should().BeIn(PowerState.D3Cold);

        host.Topology.Sysfs.Read("slots/1/adapter").Text.Should().Be("1", "but who asks wakes the port");
        host.Clock.Advance(Long);
        host[CardInSlot.Card].Should().NotBeSameAs(card);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_card_that_comes_is_found_and_offered_to_its_driver(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort(
            CardInSlot.Port, static setup => setup.WithImage(DeviceImages.RootPort.WithHotplugSlot(isBare: true)));
        host.Drivers.Register(new ScriptedDriver { Ids = static device => device.DeviceId == 0x10d3 });

        port.InsertCard(CardInSlot.Card);
        host.Devices.Should().Equal(port);
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        host[CardInSlot.Card].Driver!.Name.Should().Be("nic");
        host.Log.Should().Say("0000:00:03.0: pciehp: Slot(1): Card present");
        host.Log.Should().Say("0000:00:03.0: pciehp: Slot(1): Link Up");
    }

    [Theory]
    [MemberData(nameof(KernelsWithLowPower))]
    public void A_card_that_comes_below_a_sleeping_port_is_found_when_that_wakes(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort(
            CardInSlot.Port, static setup => setup.WithImage(DeviceImages.RootPort.WithHotplugSlot()).WithPowerResource());
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Cold);

        port.InsertCard(CardInSlot.Card);
        port.Hardware.Downstream.Should().ContainSingle().Which.HasPower.Should().BeFalse();
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        host.Devices.Should().Equal(port);

        port.RuntimePm.GetSync();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        host[CardInSlot.Card].Hardware.HasPower.Should().BeTrue();
        host.VfioPci.Bind(host[CardInSlot.Card]).Open().Config.Read(PciRegisters.VendorId, 2).Should().Be(0x8086);
    }

    [Fact]
    public void A_card_that_comes_where_nobody_serves_the_slot_is_found_by_a_rescan()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort(CardInSlot.Port);
        port.InsertCard(CardInSlot.Card);
        port.InsertCard("0000:01:00.1");
        host.Clock.Advance(Long);
        host.Devices.Should().Equal(port);
        port.Sysfs.Write("rescan", "1").Should().Succeed();
        host.Devices.Select(static device => device.Name).Should().Equal(CardInSlot.Port, CardInSlot.Card, "0000:01:00.1");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Another_card_in_the_slot_is_another_function(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        port.Hardware.PullCard();
        port.Invoking(static port => port.InsertCard(CardInSlot.Card)).Should().Throw<InvalidOperationException>()
            .WithMessage("The kernel has not let go*");
        host.Clock.Advance(Long);
        host.Devices.Should().Equal(port);

        port.InsertCard(CardInSlot.Card, DeviceImages.Nvme);
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(Long);

        host[CardInSlot.Card].Should().NotBeSameAs(card);
        host[CardInSlot.Card].DeviceId.Should().Be(0x0010);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_card_that_is_pulled_and_put_back_is_given_up_and_found_again(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        port.Hardware.PullCard();
        host.Clock.Advance(Long);
        host.Devices.Should().Equal(port);
        port.Hardware.PutCardBack();
        host.Clock.Advance(Long);
        host.Devices.Should().Equal([port], "the slot is off, and waits for the button");
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(Long);
        host[CardInSlot.Card].Should().NotBeSameAs(card);
        host[CardInSlot.Card].IsDisconnected.Should().BeFalse();
        host.VfioPci.Bind(host[CardInSlot.Card]).Open().Config.Read(PciRegisters.VendorId, 2).Should().Be(0x8086);
    }

    [Fact]
    public void Whoever_removes_holds_the_lock_that_a_rescan_waits_for()
    {
        using SimulatedHost host = CardInSlot.Make("linux-7.3", out PciDevice port, out PciDevice card);
        VfioDeviceFile file = host.VfioPci.Bind(card).Open();
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(Long);

        PendingCall rescan = host.Topology.Sysfs.BeginWrite("rescan", "1");
        host.Clock.Advance(Long);
        rescan.IsCompleted.Should().BeFalse();
        rescan.WaitsFor.Should().Contain("pci_rescan_remove_lock");
        file.Dispose();
        host.Clock.Advance(Long);
        rescan.Result.Should().Be(KernelResult.Success);
    }

    [Fact]
    public void A_slot_in_the_middle_of_giving_a_card_up_can_be_forked()
    {
        using SimulatedHost host = CardInSlot.Make("linux-6.12", out PciDevice port, out PciDevice card);
        VfioDeviceFile file = host.VfioPci.Bind(card).Open();
        port.Hardware.PullCard();
        host.Clock.Advance(TimeSpan.FromSeconds(3));
        using SimulatedHost fork = host.Fork();
        fork.ComputeStateHash().Should().Be(host.ComputeStateHash());
        fork.VfioPci[CardInSlot.Card].Files[0].Dispose();
        fork.Clock.Advance(Long);
        fork.Devices.Should().ContainSingle();
        host.Devices.Should().HaveCount(2);
        file.Dispose();
        host.Clock.Advance(Long);
        host.ComputeStateHash().Should().Be(fork.ComputeStateHash());
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void The_five_seconds_of_a_third_press_are_its_own(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        port.Hardware.PressAttentionButton();

        host.Clock.Advance(TimeSpan.FromSeconds(4.9));
        host.Devices.Should().Equal(port, card);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        host.Devices.Should().Equal(port);
    }

    // Its presence and its link changed, and both are as they were.
    [Theory]
    [MemberData(nameof(KernelsWithLowPower))]
    public void pciehp_runtime_resume_takes_a_card_that_was_put_back_meanwhile_for_the_same(string profile)
    {
        using SimulatedHost host = CardInSlot.MakeAsleep(profile, out PciDevice port, out PciDevice card, PowerState.D3Hot);
        port.Hardware.PullCard();
        port.Hardware.PutCardBack();

        port.RuntimePm.GetSync();
        host.Clock.Advance(Long);

        host.Devices.Should().Equal(port, card);
        card.IsDisconnected.Should().BeFalse();
    }
}

namespace VfioPm.Tests;

/// <summary>A slot while the machine sleeps (<c>pciehp_suspend()</c>, <c>pciehp_resume_noirq()</c>, <c>pciehp_resume()</c>).</summary>
public sealed class SlotSleepTests
{
    private const int Interrupts = (int)(ExpressRegisters.SlotControlHotplugInterrupt | ExpressRegisters.SlotControlLinkChanged);

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(8);

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [InlineData("linux-6.1", true)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", true)]
    [InlineData("linux-7.3", false)]
    public void Its_interrupts_are_off_meanwhile_where_PMEs_are_the_kernels(string profile, bool grantsPme)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile), firmware: new Firmware { GrantsPme = grantsPme });
        PciDevice port = host.AddRootPort(CardInSlot.Port, static setup => setup.WithImage(DeviceImages.RootPort.WithHotplugSlot()));
        PciDevice card = port.AddEndpoint(CardInSlot.Card);

        PendingCall sleep = Sleep(host, SystemSleepState.S2Idle);
        (SlotControlOf(port) & Interrupts).Should().Be(grantsPme ? 0 : Interrupts);
        Wake(host, sleep);

        (SlotControlOf(port) & Interrupts).Should().Be(Interrupts);
        host.Devices.Should().Equal(port, card);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_card_that_loses_its_power_with_the_machine_did_not_go(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);

        Wake(host, Sleep(host, SystemSleepState.Mem));

        host.Devices.Should().Equal(port, card);
        card.IsDisconnected.Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_card_that_is_pulled_meanwhile_is_given_up_as_the_machine_wakes(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        PendingCall sleep = Sleep(host, SystemSleepState.S2Idle);

        port.Hardware.PullCard();
        Wake(host, sleep);

        host.Devices.Should().Equal(port);
        card.IsDisconnected.Should().BeTrue();
    }

    // pciehp_resume_noirq(): its presence and its link changed, and both are as they were.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_card_that_is_pulled_and_put_back_meanwhile_is_the_same(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        PendingCall sleep = Sleep(host, SystemSleepState.S2Idle);

        port.Hardware.PullCard();
        port.Hardware.PutCardBack();
        Wake(host, sleep);

        host.Devices.Should().Equal(port, card);
        card.IsDisconnected.Should().BeFalse();
    }

    /// <summary>Since Linux 6.12 whoever is not in its slot any more is known before any driver wakes (<c>pciehp_device_replaced()</c>).</summary>
    [Theory]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", true)]
    public void The_driver_of_a_card_that_is_gone_wakes_it_in_vain(string profile, bool isKnown)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        bool? wasKnown = null;
        host.Drivers.Register(new ScriptedDriver
        {
            OnSystemSleep = (device, phase) =>
            {
                wasKnown = phase == SleepPhase.ResumeNoirq ? device.IsDisconnected : wasKnown;
                return 0;
            },
        });
        card.Bind(host.Drivers["nic"]);
        card.Sysfs.Write("power/control", "on").Should().Succeed();
        PendingCall sleep = Sleep(host, SystemSleepState.S2Idle);

        port.Hardware.PullCard();
        Wake(host, sleep);

        wasKnown.Should().Be(isKnown);
        host.Devices.Should().Equal(port);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_card_that_comes_meanwhile_is_found_as_the_machine_wakes(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort(CardInSlot.Port, static setup => setup.WithImage(DeviceImages.RootPort.WithHotplugSlot()));
        PendingCall sleep = Sleep(host, SystemSleepState.S2Idle);

        port.InsertCard(CardInSlot.Card);
        host.Devices.Should().Equal(port);
        Wake(host, sleep);

        host.Devices.Select(static device => device.Name).Should().Equal(CardInSlot.Port, CardInSlot.Card);
    }

    private static PendingCall Sleep(SimulatedHost host, SystemSleepState state)
    {
        PendingCall sleep = host.SystemSleep.BeginSuspend(state);
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        host.SystemSleep.IsAsleep.Should().BeTrue();
        return sleep;
    }

    private static void Wake(SimulatedHost host, PendingCall sleep)
    {
        host.SystemSleep.Wake();
        host.Clock.Advance(Long);
        sleep.Result.Should().Be(KernelResult.Success);
    }

    private static int SlotControlOf(PciDevice port) =>
        (int)port.Hardware.ReadConfig(port.Express!.Offset + ExpressRegisters.SlotControl, 2);
}

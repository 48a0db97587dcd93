namespace VfioPm.Tests;

/// <summary>When things of a slot are done, and by whom: the interrupt's thread, and the button's five seconds (<c>pciehp_ist()</c>, <c>button_work</c>).</summary>
public sealed class HotplugThreadTests
{
    public static TheoryData<string> Kernels => HotplugTests.Kernels;

    // The button was pressed while the port had no power. Two more hold the port then: who is in the slot's configuration, and pm_runtime_barrier().
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    public void pciehp_check_presence_lets_the_interrupts_thread_begin_before_the_port_is_awake(string profile)
    {
        using SimulatedHost host = CardInSlot.MakeAsleep(profile, out PciDevice port, out PciDevice card, PowerState.D3Cold);
        port.Hardware.PressAttentionButton();
        host.Trace.Clear();

        port.RuntimePm.GetSync();

        host.Trace.Entries.Where(static entry => entry.Kind == TraceKind.Rpm).Select(static entry => entry.Rpm.ToString())
            .First(static line => line.StartsWith("rpm_idle 0000:00:03.0 flags-1", StringComparison.Ordinal))
            .Should().Contain(" cnt-4 ");
    }

    // irq_thread() takes the processor from who is still in pci_write_config(), if the kernel is preemptible.
    [Theory]
    [InlineData("linux-6.1", 3)]
    [InlineData("linux-6.12", 3)]
    [InlineData("linux-7.3", 4)]
    public void pciehp_ist_begins_while_the_write_that_raised_the_interrupt_still_holds_the_port(string profile, int holders)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out _);
        port.Sysfs.Write("power/control", "auto").Should().Succeed();
        int control = port.Hardware.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.SlotControl;
        uint before = port.Hardware.Configuration.Read(control, 2);
        host.Trace.Clear();

        port.HostConfig.Write(control, BitConverter.GetBytes((ushort)(before | ExpressRegisters.SlotControlPowerOff)));
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        host.Trace.Entries.Where(static entry => entry.Kind == TraceKind.Rpm).Select(static entry => entry.Rpm.ToString())
            .First(static line => line.StartsWith("rpm_resume 0000:00:03.0 flags-4", StringComparison.Ordinal))
            .Should().Contain($" cnt-{holders} ");
    }

    // The card came while the port had no power. Whoever asks wakes the port, and on a preemptible kernel the thread is the first to go on.
    [Theory]
    [InlineData("linux-6.1", "0")]
    [InlineData("linux-6.12", "0")]
    [InlineData("linux-7.3", "1")]
    public void pciehp_ist_switches_the_slot_on_before_power_read_file_has_read_it(string profile, string answer)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out _, PowerState.D3Cold);
        host.Topology.Sysfs.Write("slots/1/power", "0").Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Cold);

        host.Topology.Sysfs.Read("slots/1/power").Text.Should().Be(answer);
    }

    // irq_thread() is of real-time priority: who waits for pci_rescan_remove_lock has it before the slot is off, and the processor only after.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Who_rescans_while_a_card_is_given_up_does_not_find_it_again(string profile)
    {
        using SimulatedHost host = CardInSlot.Make(profile, out PciDevice port, out PciDevice card);
        VfioDeviceFile device = host.VfioPci.Bind(card).Open();
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(TimeSpan.FromSeconds(6));
        PendingCall rescan = port.Sysfs.BeginWrite("rescan", "1");
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        rescan.IsCompleted.Should().BeFalse("the removal waits for the user, and has the lock");

        device.Dispose();
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        rescan.IsCompleted.Should().BeTrue();
        host.Devices.Should().Equal(port);
    }

    // schedule_delayed_work(): 1,250 ticks are on the wheel's third level, where only every 64th tick fires.
    [Fact]
    public void The_buttons_five_seconds_end_with_a_64th_tick()
    {
        using SimulatedHost host = CardInSlot.Make("linux-6.1", out PciDevice port, out _);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        port.Hardware.PressAttentionButton();
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        PendingEvent button = host.Clock.Pending.Single(static pending => pending.What.Contains("five seconds", StringComparison.Ordinal));

        button.Due.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(6)).And.BeLessThan(TimeSpan.FromSeconds(6.256));
        (((long)button.Due.TotalMilliseconds / 4) + host.Kernel.JiffiesAtBoot).Should().Match(static tick => tick % 64 == 0);
    }
}

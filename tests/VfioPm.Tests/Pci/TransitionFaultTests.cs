namespace VfioPm.Tests.Pci;

/// <summary>PCI Power Management 1.2, section 5.6.1, table 5-6; PCI Express Base, section 6.6.1.</summary>
public class TransitionFaultTests
{
    [Fact]
    public void An_access_right_after_D3hot_is_recorded_and_carried_out()
    {
        var silicon = new Silicon();
        silicon.Clock.Advance(TimeSpan.FromSeconds(1));
        silicon.Endpoint.WriteConfig(silicon.Endpoint.Pm!.ControlStatusOffset, 2, 3);
        silicon.Clock.Advance(TimeSpan.FromMilliseconds(2));

        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0x8086);

        silicon.Endpoint.Faults.Should().Equal(new TransitionFault(
            TimeSpan.FromMilliseconds(1002),
            silicon.Endpoint.Address,
            Bar: null,
            PciRegisters.VendorId,
            Transition.D3Hot,
            TimeSpan.FromMilliseconds(1010)));
        silicon.Endpoint.Faults[0].ToString().Should().Be(
            "0000:01:00.0: configuration offset 0x0 accessed 8 ms before the transition D3hot was over");
    }

    [Fact]
    public void An_access_when_the_time_is_over_is_no_fault()
    {
        var silicon = new Silicon();

        silicon.SetState(PowerState.D3Hot);
        silicon.SetState(PowerState.D0);
        _ = silicon.Command;

        silicon.Endpoint.Faults.Should().BeEmpty();
    }

    [Fact]
    public void The_time_that_a_function_needs_can_be_set()
    {
        var silicon = new Silicon();
        silicon.Endpoint.D3HotDelay = TimeSpan.FromMilliseconds(20);
        silicon.Endpoint.WriteConfig(silicon.Endpoint.Pm!.ControlStatusOffset, 2, 3);
        silicon.Clock.Advance(TimeSpan.FromMilliseconds(10));

        _ = silicon.Command;

        silicon.Endpoint.Faults.Should().ContainSingle();
    }

    [Fact]
    public void D2_needs_200_microseconds()
    {
        var silicon = new Silicon(DeviceImages.E1000E.WithPowerManagement(Silicon.EverythingPmc));
        silicon.Endpoint.WriteConfig(silicon.Endpoint.Pm!.ControlStatusOffset, 2, (uint)PowerState.D2);

        silicon.Clock.Advance(TimeSpan.FromMicroseconds(199));
        _ = silicon.Command;
        silicon.Clock.Advance(TimeSpan.FromMicroseconds(1));
        _ = silicon.Command;

        silicon.Endpoint.Faults.Should().ContainSingle().Which.Transition.Should().Be(Transition.D2);
    }

    [Fact]
    public void Power_needs_100_milliseconds_before_memory_may_be_touched()
    {
        var silicon = new Silicon();
        silicon.Endpoint.SetPower(false);
        silicon.Endpoint.SetPower(true);
        silicon.Clock.Advance(TimeSpan.FromMilliseconds(99));

        silicon.Command = PciRegisters.CommandMemory;
        silicon.Endpoint.WriteBar(0, 0x20, 4, 1);

        silicon.Endpoint.Faults.Select(fault => (fault.Bar, fault.Offset, fault.Transition)).Should().Equal(
            (null, PciRegisters.Command, Transition.PowerOn),
            (0, 0x20L, Transition.PowerOn));
    }

    [Fact]
    public void What_nothing_answers_is_no_fault()
    {
        var silicon = new Silicon();
        silicon.Endpoint.SetPower(false);

        _ = silicon.Command;

        silicon.Endpoint.Faults.Should().BeEmpty();
    }
}

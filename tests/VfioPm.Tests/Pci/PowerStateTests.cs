namespace VfioPm.Tests.Pci;

/// <summary>PCI Power Management 1.2, chapter 5, and section 3.2.4 (PMCSR).</summary>
public class PowerStateTests
{
    private static readonly DeviceImage WithAllStates =
        DeviceImages.E1000E.WithPowerManagement(Silicon.EverythingPmc);

    private static readonly DeviceImage WithNoSoftReset =
        DeviceImages.E1000E.WithPowerManagement(0x0003, PmRegisters.NoSoftReset);

    [Theory]
    [InlineData(PowerState.D1)]
    [InlineData(PowerState.D2)]
    public void A_state_that_the_function_lacks_is_not_entered(PowerState state)
    {
        var silicon = new Silicon();

        silicon.SetState(state);

        silicon.Endpoint.PowerState.Should().Be(PowerState.D0);
    }

    [Theory]
    [InlineData(PowerState.D1)]
    [InlineData(PowerState.D2)]
    [InlineData(PowerState.D3Hot)]
    public void A_state_that_the_function_has_is_entered_and_left(PowerState state)
    {
        var silicon = new Silicon(WithAllStates);

        silicon.SetState(state);
        silicon.Endpoint.PowerState.Should().Be(state);

        silicon.SetState(PowerState.D0);
        silicon.Endpoint.PowerState.Should().Be(PowerState.D0);
    }

    [Theory]
    [InlineData(PowerState.D3Hot, PowerState.D2)]
    [InlineData(PowerState.D3Hot, PowerState.D1)]
    [InlineData(PowerState.D2, PowerState.D1)]
    public void There_is_no_way_up_but_to_D0(PowerState from, PowerState to)
    {
        var silicon = new Silicon(WithAllStates);
        silicon.SetState(from);

        silicon.SetState(to);

        silicon.Endpoint.PowerState.Should().Be(from);
    }

    [Fact]
    public void The_other_bits_of_a_write_count_even_when_its_state_does_not()
    {
        var silicon = new Silicon(DeviceImages.E1000E.WithPowerManagement(0x4803));
        PmCapability pm = silicon.Endpoint.Pm!;

        silicon.Endpoint.WriteConfig(pm.ControlStatusOffset, 2, PmRegisters.PmeEnable | (uint)PowerState.D2);

        pm.State.Should().Be(PowerState.D0);
        pm.PmeEnabled.Should().BeTrue();
    }

    [Fact]
    public void The_state_can_be_written_with_the_whole_dword_of_the_capability()
    {
        var silicon = new Silicon();

        silicon.Endpoint.WriteConfig(silicon.Endpoint.Pm!.ControlStatusOffset, 4, 3);

        silicon.Endpoint.PowerState.Should().Be(PowerState.D3Hot);
    }

    [Fact]
    public void In_D3hot_configuration_space_answers_and_memory_does_not()
    {
        var silicon = new Silicon();
        silicon.Endpoint.WriteBar(0, 0x10, 4, 0x12345678);

        silicon.SetState(PowerState.D3Hot);

        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0x8086);
        silicon.Endpoint.Decodes(0).Should().BeFalse();
        silicon.Endpoint.Decodes(2).Should().BeFalse("I/O is not answered either");
        silicon.Endpoint.ReadBar(0, 0x10, 4).Should().Be(0xffff_ffff);
    }

    [Fact]
    public void Leaving_D3hot_resets_a_function_without_NoSoftReset()
    {
        var silicon = new Silicon();
        silicon.Endpoint.WriteBar(0, 0x10, 4, 0x12345678);

        silicon.SetState(PowerState.D3Hot);
        silicon.SetState(PowerState.D0);

        silicon.Command.Should().Be(0);
        silicon.Endpoint.ReadConfig(PciRegisters.BaseAddress0, 4).Should().Be(0);
        silicon.Command = PciRegisters.CommandMemory;
        silicon.Endpoint.ReadBar(0, 0x10, 4).Should().Be(0, "the device behind the BAR was reset as well");
    }

    [Fact]
    public void Leaving_D3hot_keeps_the_registers_of_a_function_with_NoSoftReset()
    {
        var silicon = new Silicon(WithNoSoftReset);
        uint command = silicon.Command;
        silicon.Endpoint.WriteBar(0, 0x10, 4, 0x12345678);

        silicon.SetState(PowerState.D3Hot);
        silicon.SetState(PowerState.D0);

        silicon.Command.Should().Be(command).And.NotBe(0);
        silicon.Endpoint.ReadBar(0, 0x10, 4).Should().Be(0x12345678);
    }

    [Fact]
    public void Without_power_reads_give_all_ones_and_writes_are_lost()
    {
        var silicon = new Silicon();
        silicon.Endpoint.SetPower(false);

        silicon.Endpoint.WriteConfig(PciRegisters.InterruptLine, 1, 0x55);

        silicon.Endpoint.PowerState.Should().Be(PowerState.D3Cold);
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 4).Should().Be(0xffff_ffff);
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 2).Should().Be(0xffff);
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 1).Should().Be(0xff);
        silicon.Endpoint.ReadBar(0, 0, 8).Should().Be(ulong.MaxValue);
        silicon.Endpoint.SetPower(true);
        silicon.Clock.Advance(silicon.Endpoint.D3ColdDelay);
        silicon.Endpoint.ReadConfig(PciRegisters.InterruptLine, 1).Should().NotBe(0x55);
    }

    [Fact]
    public void Power_that_comes_back_finds_D0_and_reset_values_even_with_NoSoftReset()
    {
        var silicon = new Silicon(WithNoSoftReset);
        silicon.SetState(PowerState.D3Hot);

        silicon.Endpoint.SetPower(false);
        silicon.Endpoint.SetPower(true);

        silicon.Endpoint.PowerState.Should().Be(PowerState.D0);
        silicon.Endpoint.Pm!.NoSoftReset.Should().BeTrue("it is wired");
        silicon.Command.Should().Be(0);
    }

    [Fact]
    public void Taking_power_that_is_gone_changes_nothing()
    {
        var silicon = new Silicon();
        silicon.Endpoint.SetPower(false);
        ulong hash = Silicon.HashOf(silicon.Endpoint);

        silicon.Endpoint.SetPower(false);

        Silicon.HashOf(silicon.Endpoint).Should().Be(hash);
    }

    // PCI Express Base, section 5.3.1: a port that is not in D0 passes no requests on.
    [Fact]
    public void Below_a_port_that_sleeps_nothing_answers()
    {
        var silicon = new Silicon();

        silicon.Port.WriteConfig(silicon.Port.Pm!.ControlStatusOffset, 2, 3);

        silicon.Endpoint.PowerState.Should().Be(PowerState.D0, "the function itself sleeps not");
        silicon.Endpoint.ReadConfig(PciRegisters.VendorId, 4).Should().Be(0xffff_ffff);
        silicon.Endpoint.Decodes(0).Should().BeFalse();
    }

    [Fact]
    public void A_function_without_power_management_is_always_in_D0()
    {
        var silicon = new Silicon(port: DeviceImages.EmulatedRootPort);

        silicon.Port.Pm.Should().BeNull();
        silicon.Port.PowerState.Should().Be(PowerState.D0);
    }
}

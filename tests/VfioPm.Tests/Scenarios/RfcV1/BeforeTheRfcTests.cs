namespace VfioPm.Tests;

/// <summary>"Before": idle functions and guests' PMCSR writes go to D3hot by the register.</summary>
public sealed class BeforeTheRfcTests
{
    private readonly Machine _machine = new(KernelProfile.PreRfc);

    private PciDevice Nic => _machine.Nic;

    [Fact]
    public void Binding_puts_the_function_into_D0_and_then_straight_into_D3hot()
    {
        _ = _machine.Bind();

        Nic.Should().HaveGone(PowerState.Unknown, PowerState.D0, PowerState.D3Hot);
        Nic.Hardware.Should().BeIn(PowerState.D3Hot);
    }

    [Fact]
    public void With_disable_idle_d3_binding_leaves_the_power_state_alone()
    {
        Machine machine = new(KernelProfile.PreRfc, disableIdleD3: true);

        _ = machine.Bind();

        machine.Nic.Should().BeIn(PowerState.Unknown);
        machine.Nic.Hardware.Should().BeIn(PowerState.D0);
    }

    [Fact]
    public void Runtime_PM_takes_no_part_status_and_count_stay_up_and_the_bridge_stays_in_D0()
    {
        _ = _machine.Bind();
        _machine.Settle();

        Nic.Should().HaveRuntimeStatus(RuntimeStatus.Active).And.HaveUsageCount(2);
        _machine.Port.Should().BeIn(PowerState.D0);
    }

    [Fact]
    public void Whether_D3hot_resets_is_read_once_from_PMCSR_when_the_function_is_bound()
    {
        const int InterruptLine = 0x3c;
        using VfioDeviceFile device = _machine.Open();
        uint saved = Nic.Hardware.Configuration.Read(InterruptLine, 1);
        Nic.Hardware.Configuration.SetBits(_machine.Pmcsr, PmRegisters.NoSoftReset, set: true);

        device.Config.WritePmcsrState(PowerState.D3Hot);
        Nic.HostConfig.Write(InterruptLine, [(byte)(saved + 1)]);
        device.Config.WritePmcsrState(PowerState.D0);

        Nic.Hardware.Should().HaveRegister(InterruptLine, 1, saved, "the driver restores what it saved before D3");
    }

    [Fact]
    public void Opening_sets_D0()
    {
        using VfioDeviceFile device = _machine.Open();

        Nic.Should().BeIn(PowerState.D0);
    }

    [Fact]
    public void Closing_without_a_reset_of_the_device_set_sets_D3hot()
    {
        _machine.Open().Close();

        Nic.Should().BeIn(PowerState.D3Hot);
    }

    [Fact]
    public void With_disable_idle_d3_closing_leaves_D0()
    {
        Machine machine = new(KernelProfile.PreRfc, disableIdleD3: true);

        machine.Open().Close();

        machine.Nic.Should().BeIn(PowerState.D0);
    }

    [Fact]
    public void Unbinding_sets_D0()
    {
        VfioPciDevice bound = _machine.Bind();

        bound.Unbind();

        Nic.Should().HaveGone(PowerState.D3Hot, PowerState.D0);
    }

    [Fact]
    public void A_power_state_that_the_guest_writes_is_set_at_once()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);

        Nic.Hardware.Should().BeIn(PowerState.D3Hot);
        device.Config.ReadPmcsrState().Should().Be(PowerState.D3Hot);
        device.Config.WritePmcsrState(PowerState.D0);
        Nic.Hardware.Should().BeIn(PowerState.D0);
    }

    [Fact]
    public void Other_bits_of_PMCSR_go_to_the_hardware()
    {
        Machine machine = new(KernelProfile.PreRfc, image: Machine.WithPme());
        using VfioDeviceFile device = machine.Open();

        device.Config.Write(machine.Pmcsr, 2, PmRegisters.PmeEnable);

        machine.Nic.Hardware.Pm!.PmeEnabled.Should().BeTrue();
    }

    [Fact]
    public void Configuration_is_saved_on_the_way_into_D3_and_restored_on_the_way_back()
    {
        using VfioDeviceFile device = _machine.Open();
        uint command = Nic.Hardware.Configuration.Read(PciRegisters.Command, 2) | PciRegisters.CommandMaster;
        device.Config.Write(PciRegisters.Command, 2, command);

        device.Config.WritePmcsrState(PowerState.D3Hot);
        device.Config.WritePmcsrState(PowerState.D0);

        Nic.Hardware.Should().HaveRegister(PciRegisters.Command, 2, command);
    }

    [Fact]
    public void A_reset_goes_on_in_D3hot_and_leaves_D0()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);

        Nic.Sysfs.Write("reset", "1").Should().Be(KernelResult.Success);

        Nic.Should().BeIn(PowerState.D0);
        device.Config.ReadPmcsrState().Should().Be(PowerState.D0);
    }

    [Fact]
    public void After_a_bus_reset_of_the_device_set_each_member_goes_back_to_D3hot()
    {
        DeviceSetMachine machine = new(KernelProfile.PreRfc);

        machine.UseAndCloseSecond();

        machine.First.Should().HaveGone(PowerState.D3Hot, PowerState.D0, PowerState.D3Hot);
        machine.Second.Should().HaveGone(PowerState.D3Hot, PowerState.D0, PowerState.D3Hot);
    }
}

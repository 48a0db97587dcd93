namespace VfioPm.Tests;

/// <summary>The third patch, PMCSR: a power state that the guest writes moves the usage count, and no more.</summary>
public sealed class Patch3GuestPowerStateTests
{
    private readonly Machine _machine = new(KernelProfile.RfcV1);

    private PciDevice Nic => _machine.Nic;

    private VirtualClock Clock => _machine.Host.Clock;

    public static TheoryData<PowerState> SleepStates => [PowerState.D1, PowerState.D2, PowerState.D3Hot];

    [Theory]
    [MemberData(nameof(SleepStates))]
    public void Any_state_other_than_D0_drops_the_count_and_is_read_back(PowerState state)
    {
        using VfioDeviceFile device = _machine.OpenIn(state);

        Nic.Should().HaveUsageCount(0);
        device.Config.ReadPmcsrState().Should().Be(state);
        _machine.Settle();
        Nic.Should().BeIn(PowerState.D3Cold);
        device.Config.ReadPmcsrState().Should().Be(state);
    }

    [Fact]
    public void Nothing_physical_happens_until_the_autosuspend_delay_is_over()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);
        TimeSpan asked = Clock.Now;

        Clock.Advance(Machine.AutosuspendDelay - TimeSpan.FromMilliseconds(1));

        Nic.Should().HaveStayedIn(PowerState.D0, since: asked);
        Nic.Hardware.Should().BeIn(PowerState.D0);
    }

    [Fact]
    public void The_other_bits_are_frozen_as_they_were_at_the_first_write()
    {
        Machine machine = new(KernelProfile.RfcV1, image: DeviceImages.Nvme);

        using VfioDeviceFile device = machine.OpenAndSleep();

        device.Config.Should().HaveRegister(machine.Pmcsr, 2, PmRegisters.NoSoftReset | (uint)PowerState.D3Hot);
    }

    [Fact]
    public void A_second_sleep_state_neither_puts_again_nor_changes_what_is_read()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D1);

        device.Config.WritePmcsrState(PowerState.D3Hot);

        Nic.Should().HaveUsageCount(0);
        device.Config.ReadPmcsrState().Should().Be(PowerState.D1);
    }

    [Fact]
    public void A_second_sleep_state_goes_to_the_hardware_and_wakes_it_from_D3cold_for_a_second()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        device.Config.Write(_machine.Pmcsr, 2, (uint)PowerState.D3Hot);

        Nic.Should().BeIn(PowerState.D0);
        _machine.Settle();
        Nic.Should().BeIn(PowerState.D3Cold);
    }

    [Fact]
    public void D0_takes_the_reference_back_and_resumes()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        device.Config.WritePmcsrState(PowerState.D0);

        Nic.Should().HaveGone(PowerState.D0, PowerState.D3Hot, PowerState.D3Cold, PowerState.D0)
            .And.HaveUsageCount(1);
        device.Config.ReadPmcsrState().Should().Be(PowerState.D0);
    }

    [Fact]
    public void D0_without_having_asked_for_low_power_is_an_ordinary_write()
    {
        using VfioDeviceFile device = _machine.Open();
        TimeSpan opened = Clock.Now;

        device.Config.WritePmcsrState(PowerState.D0);

        Nic.Should().HaveStayedIn(PowerState.D0, since: opened).And.HaveUsageCount(1);
    }

    [Theory]
    [InlineData(0, 1, 0x03, true)]
    [InlineData(0, 2, 0x0003, true)]
    [InlineData(0, 4, 0x00000003, true)]
    [InlineData(-1, 2, 0x0300, true)]
    [InlineData(1, 1, 0x03, false)]
    [InlineData(2, 2, 0x0003, false)]
    public void Only_an_access_that_starts_at_the_first_byte_of_PMCSR_is_a_power_state_write(
        int offset, int width, uint value, bool counts)
    {
        using VfioDeviceFile device = _machine.Open();

        device.Config.Write(_machine.Pmcsr + offset, width, value);

        Nic.Should().HaveUsageCount(counts ? 0 : 1);
    }

    [Theory]
    [InlineData(0, 1, 0x03)]
    [InlineData(0, 2, 0x0003)]
    [InlineData(0, 4, 0x00000003)]
    [InlineData(1, 1, 0x00)]
    [InlineData(2, 2, 0x0000)]
    public void Reads_of_PMCSR_come_from_the_virtual_copy_and_do_not_wake(int offset, int width, uint expected)
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();
        TimeSpan asleep = Clock.Now;

        device.Config.Should().HaveRegister(_machine.Pmcsr + offset, width, expected);

        Nic.Should().HaveStayedIn(PowerState.D3Cold, since: asleep);
    }

    [Fact]
    public void Closing_in_low_power_resumes_first_so_that_the_count_is_balanced()
    {
        UsageBaseline unused = BindAndTakeBaseline(out VfioPciDevice bound);
        VfioDeviceFile device = bound.Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);
        _machine.Settle();

        device.Close();

        Nic.Should().BeIn(PowerState.D0);
        _machine.Host.Should().BeBalancedSince(unused);
    }

    [Fact]
    public void With_disable_idle_d3_a_guest_still_sleeps_and_closing_balances_the_count()
    {
        Machine machine = new(KernelProfile.RfcV1, disableIdleD3: true);

        VfioDeviceFile device = machine.OpenAndSleep();

        machine.Nic.Should().BeIn(PowerState.D3Cold).And.HaveUsageCount(0);
        device.Close();
        machine.Nic.Should().HaveUsageCount(1);
    }

    [Fact]
    public void The_PCI_core_saves_and_restores_configuration_over_D3cold()
    {
        using VfioDeviceFile device = _machine.Open();
        uint command = Nic.Hardware.Configuration.Read(PciRegisters.Command, 2) | PciRegisters.CommandMaster;
        device.Config.Write(PciRegisters.Command, 2, command);

        device.Config.WritePmcsrState(PowerState.D3Hot);
        _machine.Settle();
        Nic.Hardware.Configuration.Read(PciRegisters.Command, 2).Should().NotBe(command, "the power was cut");
        device.Config.WritePmcsrState(PowerState.D0);

        Nic.Hardware.Should().HaveRegister(PciRegisters.Command, 2, command);
    }

    private UsageBaseline BindAndTakeBaseline(out VfioPciDevice bound)
    {
        bound = _machine.Bind();
        return UsageBaseline.Of(_machine.Host.RuntimePm);
    }
}

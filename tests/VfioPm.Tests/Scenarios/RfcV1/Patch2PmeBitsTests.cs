namespace VfioPm.Tests;

/// <summary>The second patch: what a user may know and do of PME# is virtual, and zero at first.</summary>
public sealed class Patch2PmeBitsTests
{
    private const uint PmeSupport = 0xf800;
    private const uint PmeBits = 0x8100;

    private readonly Machine _machine = new(KernelProfile.RfcV1, image: Machine.WithPme());

    private PciFunction Hardware => _machine.Nic.Hardware;

    [Fact]
    public void The_user_reads_a_function_that_cannot_assert_PME_from_any_state()
    {
        using VfioDeviceFile device = _machine.Open();
        int capabilities = _machine.Pm + PmRegisters.Capabilities;

        (device.Config.Read(capabilities, 2) & PmeSupport).Should().Be(0);
        (Hardware.Configuration.Read(capabilities, 2) & PmeSupport).Should().Be(PmeSupport, "the hardware can");
    }

    [Fact]
    public void PME_Support_cannot_be_written()
    {
        using VfioDeviceFile device = _machine.Open();
        int capabilities = _machine.Pm + PmRegisters.Capabilities;

        device.Config.Write(capabilities, 2, 0xffff);

        (device.Config.Read(capabilities, 2) & PmeSupport).Should().Be(0);
    }

    [Fact]
    public void PME_En_and_PME_Status_are_zero_and_drop_writes()
    {
        using VfioDeviceFile device = _machine.Open();

        device.Config.Write(_machine.Pmcsr, 2, PmeBits);

        (device.Config.Read(_machine.Pmcsr, 2) & PmeBits).Should().Be(0);
        Hardware.Pm!.PmeEnabled.Should().BeFalse();
    }

    [Fact]
    public void A_PME_that_the_hardware_has_latched_is_not_shown()
    {
        using VfioDeviceFile device = _machine.Open();

        Hardware.AssertPme();

        Hardware.Pm!.PmeStatus.Should().BeTrue();
        (device.Config.Read(_machine.Pmcsr, 2) & PmeBits).Should().Be(0);
    }

    [Fact]
    public void A_latched_PME_is_cleared_by_any_write_of_PMCSR_for_what_was_read_is_written_back()
    {
        // vfio_default_config_write() keeps virtual bits as the hardware has them, and a one clears PME_Status.
        using VfioDeviceFile device = _machine.Open();
        Hardware.AssertPme();

        device.Config.Write(_machine.Pmcsr, 2, 0);

        Hardware.Pm!.PmeStatus.Should().BeFalse();
    }

    [Fact]
    public void Other_bits_of_PMCSR_are_writable_to_the_hardware()
    {
        const uint DataSelect = 0x1e00;
        Hardware.Configuration.Layout.Add(_machine.Pm, new RegisterRule(PmRegisters.ControlStatus, 2, DataSelect));
        using VfioDeviceFile device = _machine.Open();

        device.Config.Write(_machine.Pmcsr, 2, 0x0a00);

        Hardware.Pm!.DataSelect.Should().Be(5);
    }

    [Fact]
    public void The_power_state_bits_are_read_only_for_the_generic_path()
    {
        using VfioDeviceFile device = _machine.Open();

        device.Config.WritePmcsrState(PowerState.D3Hot);

        Hardware.Should().BeIn(PowerState.D0, "the write is trapped and only moves the count");
    }
}

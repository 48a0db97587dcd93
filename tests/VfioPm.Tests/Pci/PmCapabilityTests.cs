namespace VfioPm.Tests.Pci;

/// <summary>What a function says of its power management (PCI Power Management 1.2, sections 3.2.3 and 3.2.4).</summary>
public class PmCapabilityTests
{
    [Theory]
    [InlineData(0x0003, false, false, 0, false)]
    [InlineData(0x000b, true, false, 0, false)]
    [InlineData(0x0023, false, true, 0, false)]
    [InlineData(0x0043, false, false, 55, false)]
    [InlineData(0x01c3, false, false, 375, false)]
    [InlineData(0x0803, false, false, 0, true)]
    [InlineData(0xffff, true, true, 375, true)]
    public void PMC_says_what_it_has(int pmc, bool needsClock, bool isSpecial, int current, bool hasPme)
    {
        PmCapability pm = Find((ushort)pmc);

        (pm.PmeClock, pm.DeviceSpecificInitialization, pm.AuxCurrentMilliamps, pm.SupportsPme)
            .Should().Be((needsClock, isSpecial, current, hasPme));
    }

    [Theory]
    [InlineData(0x0000, 0, 0)]
    [InlineData(0x2000, 0, 1)]
    [InlineData(0x6000, 0, 3)]
    [InlineData(0xe600, 3, 3)]
    [InlineData(0x9e00, 15, 0)]
    public void PMCSR_says_what_its_data_register_shows(int pmcsr, int select, int scale)
    {
        PmCapability pm = Find(0xf803, (ushort)pmcsr);

        (pm.DataSelect, pm.DataScale).Should().Be((select, scale));
    }

    /// <summary>A state that it does not take is no write of the state, and the rest of the register is written all the same.</summary>
    [Theory]
    [InlineData(PowerState.D1)]
    [InlineData(PowerState.D2)]
    public void A_state_that_is_not_taken_leaves_the_rest_of_the_write(PowerState state)
    {
        PciFunction function = PciFunction.Standalone(DeviceImages.E1000E.WithPowerManagement(0xf803));
        int pmcsr = function.Pm!.ControlStatusOffset;

        function.WriteConfig(pmcsr, 4, PmRegisters.PmeEnable | (uint)state);
        (function.Pm.State, function.Pm.PmeEnabled).Should().Be((PowerState.D0, true));

        function.WriteConfig(pmcsr, 2, (uint)PowerState.D3Hot);
        function.WriteConfig(pmcsr, 2, PmRegisters.PmeEnable | (uint)state);
        (function.Pm.State, function.Pm.PmeEnabled).Should().Be((PowerState.D3Hot, true));
    }

    [Fact]
    public void The_byte_behind_the_state_is_none()
    {
        PciFunction function = PciFunction.Standalone(DeviceImages.E1000E.WithPowerManagement(0xf803));
        int pmcsr = function.Pm!.ControlStatusOffset;

        function.WriteConfig(pmcsr + 1, 1, 0x01);
        function.WriteConfig(pmcsr - 2, 2, 0x0003);

        (function.Pm.State, function.Pm.PmeEnabled).Should().Be((PowerState.D0, true));
    }

    private static PmCapability Find(ushort pmc, ushort pmcsr = 0) =>
        PciFunction.Standalone(DeviceImages.E1000E.WithPowerManagement(pmc, pmcsr)).Pm!;
}

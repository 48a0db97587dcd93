namespace VfioPm.Tests;

/// <summary>What a driver that changes its function's power itself finds in D0 (<c>pci_restore_bars()</c>).</summary>
public sealed class RestoreBarsTests
{
    private const int CacheLineSize = 0x0c;

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    // Leaving D3hot resets a function without No_Soft_Reset.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_set_full_power_state_gives_a_function_that_was_reset_the_BARs_that_it_had_and_nothing_else(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithPowerManagement(0x0003));
        ScriptedDriver.Do(nic, static device => PciPm.Enable(device)).Should().Succeed();
        uint[] bars = BarsOf(nic);
        bars.Should().Contain(static bar => bar > 15);
        nic.Hardware.WriteConfig(CacheLineSize, 1, 0x40);

        Set(nic, PowerState.D3Hot).Should().Succeed();
        Set(nic, PowerState.D0).Should().Succeed();

        BarsOf(nic).Should().Equal(bars);
        nic.Hardware.ReadConfig(CacheLineSize, 1).Should().Be(0, "it was reset");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_set_full_power_state_leaves_the_BARs_of_a_function_that_was_not_reset(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithPowerManagement(0x0003, PmRegisters.NoSoftReset));
        ScriptedDriver.Do(nic, static device => PciPm.Enable(device)).Should().Succeed();
        Set(nic, PowerState.D3Hot).Should().Succeed();
        nic.Hardware.WriteConfig(PciRegisters.BaseAddress0, 4, 0);

        Set(nic, PowerState.D0).Should().Succeed();

        nic.Hardware.ReadConfig(PciRegisters.BaseAddress0, 4).Should().Be(0);
    }

    private static KernelResult Set(PciDevice device, PowerState state) =>
        ScriptedDriver.Do(device, function => PciPm.SetPowerState(function, state));

    private static uint[] BarsOf(PciDevice device) =>
        [.. Enumerable.Range(0, 6).Select(bar => device.Hardware.ReadConfig(PciRegisters.BaseAddress0 + (4 * bar), 4))];
}

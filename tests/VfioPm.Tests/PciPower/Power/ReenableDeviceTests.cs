namespace VfioPm.Tests;

/// <summary>What a function is when its driver finds it, or finds it again (<c>do_pci_enable_device()</c>, <c>pci_pm_reenable_device()</c>).</summary>
public sealed class ReenableDeviceTests
{
    private const uint Decoding = PciRegisters.CommandIo | PciRegisters.CommandMemory;

    // pcibios_enable_device(): what it has is decoded, and no more.
    [Theory]
    [InlineData("memory", PciRegisters.CommandMemory)]
    [InlineData("ports", PciRegisters.CommandIo)]
    [InlineData("both", PciRegisters.CommandIo | PciRegisters.CommandMemory)]
    [InlineData("none", 0)]
    public void pci_enable_device_lets_a_function_decode_what_it_has_and_no_more(string bars, int expected)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddEndpoint("0000:00:05.0", With(bars));
        nic.Hardware.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);

        Enable(nic);

        nic.Hardware.ReadConfig(PciRegisters.Command, 2).Should().Be((uint)expected, "and its pin speaks");
    }

    [Fact]
    public void pci_enable_device_leaves_the_pin_alone_of_a_function_that_has_none_and_enables_once()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        byte[] bytes = With("memory").Bytes.ToArray();
        bytes[PciRegisters.InterruptPin] = 0;
        PciDevice nic = host.AddEndpoint("0000:00:05.0", With("memory").WithBytes(bytes));
        nic.Hardware.WriteConfig(PciRegisters.Command, 2, PciRegisters.CommandInterruptDisable);
        Enable(nic);
        nic.Hardware.ReadConfig(PciRegisters.Command, 2).Should().Be(PciRegisters.CommandInterruptDisable | PciRegisters.CommandMemory);
        nic.Hardware.WriteConfig(PciRegisters.Command, 2, 0);

        Enable(nic);

        nic.EnableCount.Should().Be(2);
        nic.Hardware.ReadConfig(PciRegisters.Command, 2).Should().Be(0, "it counts, and that is all");
    }

    // pci_disable_device(): the last ends bus mastering; memory is still decoded.
    [Fact]
    public void pci_disable_device_ends_bus_mastering_with_the_last_enabling()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice nic = host.AddEndpoint("0000:00:05.0", With("memory"));
        nic.Hardware.WriteConfig(PciRegisters.Command, 2, 0);
        Enable(nic);
        Enable(nic);
        Do(nic, static device => PciPm.SetMaster(device));

        Do(nic, static device => PciPm.Disable(device));
        nic.Hardware.ReadConfig(PciRegisters.Command, 2).Should().Be(PciRegisters.CommandMemory | PciRegisters.CommandMaster);
        Do(nic, static device => PciPm.Disable(device));
        nic.Hardware.ReadConfig(PciRegisters.Command, 2).Should().Be(PciRegisters.CommandMemory);
        nic.IsBusMaster.Should().BeFalse();
    }

    // pci_pm_default_resume(): whatever root did to COMMAND, an enabled function decodes again after the machine slept; others do not.
    [Theory]
    [InlineData("linux-6.1", true)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", true)]
    [InlineData("linux-6.12", false)]
    public void pci_pm_reenable_device_lets_a_function_decode_again_that_is_enabled_and_whose_driver_has_no_callbacks(
        string profile, bool isEnabled)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0");
        var driver = new ScriptedDriver { WithoutPm = true, OnProbe = device => isEnabled ? PciPm.Enable(device) : 0 };
        host.Drivers.Register(driver);
        nic.Bind(driver);
        nic.HostConfig.Write(PciRegisters.Command, [0, 0]).Should().Be(2);

        host.SystemSleep.Suspend(SystemSleepState.S2Idle, TimeSpan.FromHours(1)).Should().Be(KernelResult.Success);

        (nic.Hardware.ReadConfig(PciRegisters.Command, 2) & Decoding).Should().Be(isEnabled ? Decoding : 0);
    }

    // pci_pm_init(): nobody wakes anybody before a driver asks for it.
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-7.3")]
    public void pci_pm_init_takes_PME_from_a_function_that_is_found_with_it(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint(
            "0000:00:05.0", DeviceImages.E1000E.WithPowerManagement(0xf803, PmRegisters.PmeEnable | PmRegisters.PmeStatus));

        (nic.Hardware.ReadConfig(nic.Hardware.Pm!.ControlStatusOffset, 2) & (PmRegisters.PmeEnable | PmRegisters.PmeStatus)).Should().Be(0);
    }

    /// <summary>BAR 0 is of memory, and BAR 2 of ports, where there are any.</summary>
    private static DeviceImage With(string bars) => DeviceImages.E1000E.WithResources(string.Join('\n', Enumerable.Range(0, 7).Select(bar => bar switch
    {
        0 when bars is "memory" or "both" => "0x00000000fe600000 0x00000000fe61ffff 0x0000000000040200",
        2 when bars is "ports" or "both" => "0x000000000000d000 0x000000000000d01f 0x0000000000040101",
        _ => "0x0000000000000000 0x0000000000000000 0x0000000000000000",
    })));

    private static void Enable(PciDevice device) => ScriptedDriver.Do(device, static function => PciPm.Enable(function)).Should().Succeed();

    private static void Do(PciDevice device, Func<PciDevice, KernelCall> call) => ScriptedDriver.Do(device, async function =>
    {
        await call(function);
        return 0;
    }).Should().Succeed();
}

namespace VfioPm.Tests;

/// <summary>The state in which a function is found (<c>pci_pm_init()</c>).</summary>
public sealed class FoundFunctionTests
{
    [Theory]
    [InlineData("linux-5.10", PowerState.Unknown, PowerState.D3Hot)]
    [InlineData("linux-6.1", PowerState.Unknown, PowerState.D3Hot)]
    [InlineData("linux-6.12", PowerState.Unknown, PowerState.D3Hot)]
    [InlineData("linux-7.3", PowerState.D0, PowerState.D0)]
    public void pci_pm_init_wakes_what_is_found_asleep_since_6_16(string kernel, PowerState believed, PowerState hardware)
    {
        PciDevice nic = Find(kernel, PowerState.D3Hot);

        nic.PowerState.Should().Be(believed);
        nic.Hardware.PowerState.Should().Be(hardware);
        nic.UsageCount.Should().Be(1);
        nic.RuntimePm.Status.Should().Be(RuntimeStatus.Active);
    }

    [Theory]
    [InlineData("linux-6.1", "unknown")]
    [InlineData("linux-6.12", "unknown")]
    [InlineData("linux-7.3", "D0")]
    public void pci_pm_init_knows_the_state_of_a_function_that_never_had_a_driver_since_6_16(string kernel, string text) =>
        Find(kernel, PowerState.D0).Sysfs.Read("power_state").Text.Should().Be(text);

    // pci_bus_add_device(): device_attach() finds runtime PM enabled, or in 7.3 not yet.
    [Theory]
    [InlineData("linux-6.1", "rpm_return_int 0000:01:00.0 rpm_idle ret=-11")]
    [InlineData("linux-6.12", "rpm_return_int 0000:01:00.0 rpm_idle ret=-11")]
    [InlineData("linux-7.3", "rpm_return_int 0000:01:00.0 rpm_idle ret=-13")]
    public void Runtime_PM_of_what_is_found_begins_when_a_driver_may_have_it_since_7_3(string kernel, string answer)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(kernel));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E).Sysfs.Write("remove", "1");
        host.Trace.Clear();

        port.Sysfs.Write("rescan", "1");

        host.Trace.Entries.Where(static entry => entry.Kind == TraceKind.Rpm).Select(static entry => entry.Rpm.ToString())
            .First(static line => line.StartsWith("rpm_return_int 0000:01:00.0 rpm_idle", StringComparison.Ordinal))
            .Should().Be(answer);
        host["0000:01:00.0"].RuntimePm.DisableDepth.Should().Be(0);
    }

    // pci_bus_add_device(): pci_save_state(), so that what never slept can be restored.
    [Theory]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", true)]
    public void What_is_found_is_saved_since_6_12(string kernel, bool isRestored)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(kernel));
        PciDevice nic = host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E);
        uint found = nic.Hardware.ReadConfig(PciRegisters.BaseAddress0, 4);
        nic.Hardware.WriteConfig(PciRegisters.BaseAddress0, 4, 0);

        PciPm.RestoreState(nic);

        nic.Hardware.ReadConfig(PciRegisters.BaseAddress0, 4).Should().Be(isRestored ? found : 0);
    }

    private static PciDevice Find(string kernel, PowerState state)
    {
        var host = new SimulatedHost(KernelProfile.All.Single(profile => profile.Name == kernel));
        byte[] space = DeviceImages.E1000E.Bytes.ToArray();
        int pmcsr = PciFunction.Standalone(DeviceImages.E1000E).Pm!.ControlStatusOffset;
        space[pmcsr] = (byte)state;
        return host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithBytes(space));
    }
}

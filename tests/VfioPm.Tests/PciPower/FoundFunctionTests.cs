namespace VfioPm.Tests;

/// <summary>The state in which a function is found (<c>pci_pm_init()</c>).</summary>
public sealed class FoundFunctionTests
{
    [Theory]
    [InlineData("linux-5.10", PowerState.Unknown, PowerState.D3Hot)]
    [InlineData("linux-6.1", PowerState.Unknown, PowerState.D3Hot)]
    [InlineData("linux-6.12", PowerState.Unknown, PowerState.D3Hot)]
    [InlineData("linux-7.3", PowerState.D0, PowerState.D0)]
    public void Since_6_16_what_is_found_asleep_is_woken(string kernel, PowerState believed, PowerState hardware)
    {
        PciDevice nic = Find(kernel, PowerState.D3Hot);

        nic.PowerState.Should().Be(believed);
        nic.Hardware.PowerState.Should().Be(hardware);
        nic.UsageCount.Should().Be(1);
        nic.RuntimePm.Status.Should().Be(RuntimeStatus.Active);
    }

    [Theory]
    [InlineData("linux-6.12", "unknown")]
    [InlineData("linux-7.3", "D0")]
    public void Since_6_16_the_state_of_a_function_that_never_had_a_driver_is_known(string kernel, string text) =>
        Find(kernel, PowerState.D0).Sysfs.Read("power_state").Text.Should().Be(text);

    private static PciDevice Find(string kernel, PowerState state)
    {
        var host = new SimulatedHost(KernelProfile.All.Single(profile => profile.Name == kernel));
        byte[] space = DeviceImages.E1000E.Bytes.ToArray();
        int pmcsr = PciFunction.Standalone(DeviceImages.E1000E).Pm!.ControlStatusOffset;
        space[pmcsr] = (byte)state;
        return host.AddEndpoint("0000:00:05.0", DeviceImages.E1000E.WithBytes(space));
    }
}

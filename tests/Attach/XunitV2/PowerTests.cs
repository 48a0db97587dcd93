using VfioPm;
using Xunit.Abstractions;

public class PowerTests(ITestOutputHelper output) : HostTests(output)
{
    [Fact]
    public void A_test_that_fails()
    {
        PciDevice port = Host.AddRootPort("0000:00:03.0", p => p.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0");
        _ = port.Sysfs.Write("power/control", "on");
        Host.VfioPci.Bind(nic);

        PciDeviceCheck.IsIn(nic, PowerState.D3Cold).Verify(within: TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_test_that_passes()
    {
        PciDevice nic = Host.AddEndpoint("0000:00:05.0");
        Host.VfioPci.Bind(nic);

        PciDeviceCheck.IsIn(nic, PowerState.D3Hot).Verify(within: TimeSpan.FromSeconds(5));
    }
}

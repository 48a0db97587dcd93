namespace VfioPmTests;

public sealed class PowerTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_1);
    private readonly PciDevice _port;
    private readonly PciDevice _gpu;

    public PowerTests()
    {
        _port = _host.AddRootPort("0000:00:03.0", p => p.WithPowerResource());
        _gpu = _port.AddEndpoint("0000:01:00.0");    // or DeviceImage.FromLspci("gpu.lspci"), of lspci -vvv -xxxx as root
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_guests_idle_GPU_loses_its_power()
    {
        using LinuxGuest guest = _host.Boot(_host.VfioPci.Bind(_gpu).Open(), vmm => vmm.WithPowerResource());
        guest.Driver.GoIdle();

        _gpu.Should().Within(TimeSpan.FromSeconds(5)).BeIn(PowerState.D3Cold);
        _host.Log.Should().HaveNoWarnings();
    }

    [Fact]
    public void A_port_that_is_kept_awake_keeps_its_power()
    {
        _port.Sysfs.Write("power/control", "on").Should().Succeed();
        _host.VfioPci.Bind(_gpu);

        _gpu.Should().Within(TimeSpan.FromSeconds(5)).BeIn(PowerState.D3Hot);
        _gpu.Should().Throughout(TimeSpan.FromMinutes(1)).NotBeIn(PowerState.D3Cold);
    }
}

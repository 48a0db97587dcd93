namespace VfioPm.Tests;

/// <summary>A function that is added below a port that sleeps.</summary>
public sealed class ArrivalTests
{
    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_function_below_a_port_without_power_has_none_until_the_port_is_woken_for_it(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Cold);

        PciDevice nic = port.AddEndpoint("0000:01:00.0");

        port.Should().BeIn(PowerState.D3Cold);
        nic.Hardware.HasPower.Should().BeFalse();
        nic.Should().BeIn(PowerState.D3Cold);
        VfioDeviceFile file = host.VfioPci.Bind(nic).Open();
        port.Should().BeIn(PowerState.D0);
        nic.Hardware.HasPower.Should().BeTrue();
        file.Config.Read(PciRegisters.VendorId, 2).Should().Be(0x8086);
        file.Dispose();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Cold);
        port.Should().BeIn(PowerState.D3Cold);
    }
}

namespace VfioPm.Tests;

/// <summary>What the firmware says of how long functions need (<c>pci_acpi_optimize_delay()</c>).</summary>
public sealed class FirmwareDelaysTests
{
    public static TheoryData<string> Kernels => ["linux-5.10", "linux-6.1", "linux-6.12", "linux-7.3"];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_acpi_optimize_delay_shortens_the_wait_after_D3cold(string profile)
    {
        TimeSpan usual = WakeFromD3Cold(profile, static f => f);

        (usual - WakeFromD3Cold(profile, static f => f.WithReadiness(afterPowerOn: TimeSpan.FromMilliseconds(28.9))))
            .Should().Be(TimeSpan.FromMilliseconds(72), "whole milliseconds count");
        WakeFromD3Cold(profile, static f => f.WithReadiness(afterPowerOn: TimeSpan.FromMilliseconds(500))).Should().Be(usual, "it may only be less");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void What_is_said_of_the_whole_host_bridge_goes_for_what_the_firmware_knows(string profile)
    {
        var firmware = new Firmware { NeedsNoResetDelay = true };
        TimeSpan usual = WakeFromD3Cold(profile, static f => f);

        WakeFromD3Cold(profile, static f => f, firmware).Should().Be(usual, "the firmware does not know the function");
        WakeFromD3Cold(profile, static f => f.WithWake(), firmware)
            .Should().Be(WakeFromD3Cold(profile, static f => f.WithReadiness(afterPowerOn: TimeSpan.Zero)))
            .And.BeLessThan(usual - TimeSpan.FromMilliseconds(100));
        (usual - WakeFromD3Cold(profile, static f => f.WithReadiness(afterPowerOn: TimeSpan.FromMilliseconds(40)), firmware))
            .Should().Be(TimeSpan.FromMilliseconds(60), "what is said of the function itself goes before");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_acpi_optimize_delay_shortens_the_wait_after_D3hot(string profile)
    {
        LeaveD3Hot(profile, afterD3Hot: null).Should().Be(TimeSpan.FromMilliseconds(12));
        LeaveD3Hot(profile, afterD3Hot: 2).Should().Be(TimeSpan.FromMilliseconds(3));
        LeaveD3Hot(profile, afterD3Hot: 0).Should().Be(TimeSpan.Zero);
        LeaveD3Hot(profile, afterD3Hot: 50).Should().Be(TimeSpan.FromMilliseconds(12));
    }

    [Fact]
    public void A_negative_time_is_refused_by_name()
    {
        var setup = new FunctionSetup();

        setup.Invoking(f => f.WithReadiness(afterPowerOn: TimeSpan.FromTicks(-1))).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("afterPowerOn");
        setup.Invoking(f => f.WithReadiness(afterD3Hot: TimeSpan.FromTicks(-1))).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("afterD3Hot");
    }

    private static TimeSpan WakeFromD3Cold(string profile, Func<FunctionSetup, FunctionSetup> setup, Firmware? firmware = null)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile), firmware: firmware);
        PciDevice port = host.AddRootPort("0000:00:03.0", static p => p.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0", setup: f => setup(f));
        nic.Sysfs.Write("power/control", "auto").Should().Succeed();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Cold);
        TimeSpan asked = host.Clock.Now;

        port.Sysfs.Write("power/control", "on").Should().Succeed();

        return host.Clock.Now - asked;
    }

    private static TimeSpan LeaveD3Hot(string profile, int? afterD3Hot)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint(
            "0000:00:05.0", setup: f => f.WithReadiness(afterD3Hot: afterD3Hot is { } time ? TimeSpan.FromMilliseconds(time) : null));
        var driver = new Sleeper();
        host.Drivers.Register(driver);
        nic.Bind(driver);
        Sleeper.Set(nic, PowerState.D3Hot).Should().Succeed();
        TimeSpan asked = host.Clock.Now;

        Sleeper.Set(nic, PowerState.D0).Should().Succeed();

        return host.Clock.Now - asked;
    }

    private sealed class Sleeper : PciDriver
    {
        public override string Name => "sleeper";

        public static KernelResult Set(PciDevice device, PowerState state) =>
            Call(device, $"goes to {state}", device => PciPm.SetPowerState(device, state));

        protected internal override KernelCall<int> Probe(PciDevice device) => PciPm.Enable(device);
    }
}

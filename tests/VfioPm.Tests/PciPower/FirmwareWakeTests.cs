namespace VfioPm.Tests;

/// <summary>Whom the firmware's wake signal of a port or a function wakes (<c>pci_acpi_wake_dev()</c>, <c>pci_pme_wakeup_bus()</c>).</summary>
public sealed class FirmwareWakeTests
{
    private const ushort PmeFromAllStates = 0xf803;

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    // Below a port in D3hot nobody's configuration space can be read, and all ones look like a PME.
    [Theory]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-6.1", true)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", false)]
    [InlineData("linux-7.3", true)]
    public void pci_pme_wakeup_bus_resumes_who_seems_to_have_asked_for_it(string profile, bool isPortAwake)
    {
        using SimulatedHost host = Make(profile, out PciDevice port, out PciDevice nic);
        PciDevice other = nic.Upstream!.AddEndpoint("0000:03:00.1", Card);
        if (isPortAwake)
        {
            nic.Upstream.Sysfs.Write("power/control", "on").Should().Succeed();
        }

        Sleep(host, nic, other);
        port.Should().BeIn(isPortAwake ? PowerState.D0 : PowerState.D3Hot);
        host.Trace.Clear();

        nic.Hardware.AssertPme().Should().BeTrue();
        host.Clock.Advance(TimeSpan.FromSeconds(5));

        nic.Should().HaveGone(PowerState.D3Cold, PowerState.D0, PowerState.D3Hot, PowerState.D3Cold);
        nic.Sysfs.Read("power/wakeup_active_count").Text.Should().Be("1");
        other.Should().HaveGone((PowerState[])(isPortAwake ? [PowerState.D3Hot] : [PowerState.D3Hot, PowerState.D0, PowerState.D3Hot]));
        other.Sysfs.Read("power/wakeup_active_count").Text.Should().Be(isPortAwake ? "0" : "1");
    }

    // Nobody is asked again and again whom the firmware speaks for.
    [Fact]
    public void pci_acpi_wake_dev_ends_the_polling_of_all_for_whom_it_speaks()
    {
        using SimulatedHost host = Make("linux-6.12", out PciDevice port, out PciDevice nic);
        Sleep(host, port, nic);
        PollsOf(host).Should().NotBeEmpty();

        nic.Hardware.AssertPme();
        host.Clock.Advance(TimeSpan.FromSeconds(5));

        PollsOf(host).Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_acpi_wake_dev_takes_the_PME_of_the_function_itself_back(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice nic = host.AddEndpoint("0000:00:05.0", Card, static setup => setup.WithPowerResource().WithWake(PowerState.D3Hot));
        Sleep(host, nic);

        nic.Hardware.AssertPme().Should().BeTrue();
        while (nic.Hardware.PowerState != PowerState.D0)
        {
            nic.Hardware.Pm!.PmeStatus.Should().Be(nic.RuntimeStatus == RuntimeStatus.Suspended);
            host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        }

        nic.Sysfs.Read("power/wakeup_active_count").Text.Should().Be("1");
    }

    private static DeviceImage Card => DeviceImages.E1000E.WithPowerManagement(PmeFromAllStates);

    /// <summary>A card that loses its power by itself, below a switch, below a port that has a wire and keeps its power.</summary>
    private static SimulatedHost Make(string profile, out PciDevice port, out PciDevice nic)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        port = host.AddRootPort("0000:00:03.0", static setup => setup.WithPowerResource().WithWake(PowerState.D3Hot));
        nic = port.AddUpstreamPort("0000:01:00.0").AddDownstreamPort("0000:02:00.0").AddEndpoint("0000:03:00.0", Card, static setup => setup.WithPowerResource());
        return host;
    }

    private static void Sleep(SimulatedHost host, params PciDevice[] asleep)
    {
        foreach (PciDevice device in asleep.Where(static device => !device.IsBridge))
        {
            device.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
            host.VfioPci.Bind(device);
        }

        host.Clock.Advance(TimeSpan.FromSeconds(2));
        asleep.Should().OnlyContain(static device => device.PowerState >= PowerState.D3Hot);
    }

    private static IEnumerable<PendingEvent> PollsOf(SimulatedHost host) =>
        host.Clock.Pending.Where(static pending => pending.ToString()!.Contains("PME poll", StringComparison.Ordinal));
}

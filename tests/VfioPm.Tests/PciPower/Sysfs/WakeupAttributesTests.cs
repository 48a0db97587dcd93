namespace VfioPm.Tests;

/// <summary>What is counted of a function's wakeups (<c>drivers/base/power/wakeup.c</c>).</summary>
public sealed class WakeupAttributesTests
{
    private const ushort PmeFromAllStates = 0xf803;

    private static readonly string[] Counters =
        ["power/wakeup_active", "power/wakeup_active_count", "power/wakeup_expire_count", "power/wakeup_total_time_ms"];

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pm_wakeup_ws_event_keeps_the_source_active_for_a_tenth_of_a_second(string profile)
    {
        using SimulatedHost host = Asleep(profile, out PciDevice nic);
        nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
        CountersOf(nic).Should().Be("0 0 0 0");

        nic.Hardware.AssertPme().Should().BeTrue();
        host.Clock.Advance(TimeSpan.FromMilliseconds(50));
        CountersOf(nic).Should().Be("1 1 0 0");
        host.Clock.Advance(TimeSpan.FromMilliseconds(60));

        CountersOf(nic).Should().StartWith("0 1 1 10");
        nic.Sysfs.Read("power/wakeup_max_time_ms").Text.Should().Be(nic.Sysfs.Read("power/wakeup_total_time_ms").Text);
        nic.Sysfs.Read("power/wakeup_count").Text.Should().Be("0", "nobody waited for the system to sleep");
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void wakeup_source_deactivate_adds_up_what_was_and_keeps_the_longest(string profile)
    {
        using SimulatedHost host = Asleep(profile, out PciDevice nic);
        nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
        nic.Hardware.AssertPme();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        long first = Number(nic, "power/wakeup_total_time_ms");
        long last = Number(nic, "power/wakeup_last_time_ms");
        nic.Should().BeIn(PowerState.D3Hot);
        nic.Hardware.AssertPme().Should().BeTrue();
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        CountersOf(nic).Should().StartWith("0 2 2 20");
        Number(nic, "power/wakeup_max_time_ms").Should().BeInRange(first, 105);
        Number(nic, "power/wakeup_last_time_ms").Should().BeInRange(last + 1900, last + 2100);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void device_wakeup_disable_forgets_what_was_counted(string profile)
    {
        using SimulatedHost host = Asleep(profile, out PciDevice nic);
        nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
        nic.Hardware.AssertPme();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
        nic.Sysfs.Read("power/wakeup_active_count").Text.Should().Be("1", "it was enabled already");
        nic.Sysfs.Write("power/wakeup", "disabled").Should().Succeed();
        nic.Sysfs.Read("power/wakeup_active_count").Text.Should().BeEmpty();
        nic.Hardware.AssertPme();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();

        CountersOf(nic).Should().Be("0 0 0 0");
    }

    [Fact]
    public void Each_way_in_which_a_wish_to_wake_is_found_is_counted()
    {
        using SimulatedHost polled = Asleep("linux-6.12", out PciDevice nic, new Firmware { Year = 2014, GrantsPme = false });
        nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
        nic.Hardware.AssertPme();
        polled.Clock.Advance(TimeSpan.FromSeconds(1.2));
        nic.Sysfs.Read("power/wakeup_active_count").Text.Should().Be("1", "pci_pme_wakeup()");

        using var wired = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = wired.AddRootPort("0000:00:03.0", static port => port.WithPowerResource().WithWake());
        PciDevice below = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(PmeFromAllStates));
        wired.VfioPci.Bind(below);
        wired.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Cold);
        below.Hardware.AssertPme();
        wired.Clock.Advance(TimeSpan.FromSeconds(1));
        port.Sysfs.Read("power/wakeup_active_count").Text.Should().Be("1", "pci_acpi_wake_dev(): ACPI wants the port to be able to");
    }

    [Fact]
    public void A_fork_counts_on_by_itself()
    {
        using SimulatedHost host = Asleep("linux-7.3", out PciDevice nic);
        nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
        nic.Hardware.AssertPme();
        host.Clock.Advance(TimeSpan.FromMilliseconds(20));
        using SimulatedHost fork = host.Fork();
        fork.Clock.Advance(TimeSpan.FromSeconds(1));

        CountersOf(fork["0000:01:00.0"]).Should().StartWith("0 1 1 10");
        CountersOf(nic).Should().Be("1 1 0 0");
    }

    [Fact]
    public void A_fork_has_counted_what_its_original_has()
    {
        using SimulatedHost host = Asleep("linux-7.3", out PciDevice nic);
        nic.Sysfs.Write("power/wakeup", "enabled").Should().Succeed();
        nic.Hardware.AssertPme();
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Hardware.AssertPme();
        host.Clock.Advance(TimeSpan.FromMilliseconds(50));
        using SimulatedHost fork = host.Fork();

        All(fork["0000:01:00.0"]).Should().Equal(All(nic));
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        fork.Clock.Advance(TimeSpan.FromSeconds(2));
        All(fork["0000:01:00.0"]).Should().Equal(All(nic)).And.NotContain("0", "each counted something");

        static IEnumerable<string?> All(PciDevice device) =>
            ((string[])["active_count", "expire_count", "total_time_ms", "max_time_ms", "last_time_ms"])
                .Select(attribute => device.Sysfs.Read($"power/wakeup_{attribute}").Text);
    }

    private static SimulatedHost Asleep(string profile, out PciDevice nic, Firmware? firmware = null)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile), firmware: firmware ?? new Firmware { Year = 2014 });
        nic = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.E1000E.WithPowerManagement(PmeFromAllStates));
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Hot);
        return host;
    }

    private static string CountersOf(PciDevice device) =>
        string.Join(' ', Counters.Select(attribute => device.Sysfs.Read(attribute).Text));

    private static long Number(PciDevice device, string attribute) =>
        long.Parse(device.Sysfs.Read(attribute).Text!, System.Globalization.CultureInfo.InvariantCulture);
}

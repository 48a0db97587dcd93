namespace VfioPm.Tests;

/// <summary>How long a port waits for what is below (<c>pci_bridge_wait_for_secondary_bus()</c>).</summary>
public sealed class WaitForSecondaryBusTests
{
    private static readonly HardwareBehavior Dead = new() { SilenceAfterPowerOn = HardwareBehavior.Forever };

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    public static TheoryData<string> Profiles => ["rfc-v1", "linux-6.1", "linux-6.12", "linux-7.3"];

    // The links are those of the root port and of a downstream port: 100 ms, and 20 ms in which each trains, to the ticks after.
    [Theory]
    [MemberData(nameof(Profiles))]
    public void pci_bridge_wait_for_secondary_bus_waits_for_nobody_below_the_upstream_port_of_a_switch(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice root = host.AddRootPort("0000:00:03.0", port => port.WithPowerResource());
        PciDevice card = root.AddUpstreamPort("0000:01:00.0").AddDownstreamPort("0000:02:00.0").AddEndpoint("0000:03:00.0");
        host.VfioPci.Bind(card);
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        root.Should().BeIn(PowerState.D3Cold);
        TimeSpan asked = host.Clock.Now;

        card.RuntimePm.GetSync().Should().Succeed();

        (host.Clock.Now - asked).TotalMilliseconds.Should().BeInRange(250, 280);
    }

    // Who is dead below one port of a switch costs nobody below the other any time.
    [Theory]
    [MemberData(nameof(Profiles))]
    public void pci_bridge_wait_for_secondary_bus_of_one_downstream_port_waits_for_nobody_below_another(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice upstream = host.AddRootPort("0000:00:03.0", port => port.WithPowerResource()).AddUpstreamPort("0000:01:00.0");
        PciDevice dead = upstream.AddDownstreamPort("0000:02:00.0").AddEndpoint("0000:03:00.0", setup: setup => setup.WithBehavior(Dead));
        PciDevice alive = upstream.AddDownstreamPort("0000:02:01.0").AddEndpoint("0000:04:00.0");
        host.VfioPci.Bind(dead);
        VfioPciDevice bound = host.VfioPci.Bind(alive);
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        alive.Should().BeIn(PowerState.D3Cold);
        TimeSpan asked = host.Clock.Now;

        using VfioDeviceFile file = bound.Open();

        (host.Clock.Now - asked).TotalMilliseconds.Should().BeLessThan(400);
        alive.IsDisconnected.Should().BeFalse();
        alive.Should().BeIn(PowerState.D0);
    }

    // A tenth of a second; up to 5 GT/s at once, above when the link is up, and that of a port that does not say so is after a second.
    [Theory]
    [InlineData(2, true, 102, 130)]
    [InlineData(2, false, 102, 130)]
    [InlineData(4, true, 122, 160)]
    [InlineData(4, false, 1102, 1130)]
    public void pci_bridge_wait_for_secondary_bus_gives_each_link_its_time(int speed, bool reportsActive, int least, int most)
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithImage(DeviceImages.RootPort.WithLink(speed, reportsActive)));
        PciDevice card = port.AddEndpoint("0000:01:00.0");
        card.Sysfs.Write("reset_method", "bus").Should().Succeed();
        TimeSpan before = host.Clock.Now;

        card.Sysfs.Write("reset", "1").Should().Succeed();

        (host.Clock.Now - before).TotalMilliseconds.Should().BeInRange(least, most);
    }

    [Theory]
    [InlineData("linux-6.1", "1000")]
    [InlineData("linux-6.12", "100")]
    [InlineData("linux-7.3", "100")]
    public void pci_bridge_wait_for_secondary_bus_says_of_a_fast_link_that_stays_down(string profile, string milliseconds)
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Parse(profile), loggerFactory: log);
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup
            .WithImage(DeviceImages.RootPort.WithLink(speed: 4, reportsActive: true))
            .WithPowerResource().WithBehavior(new HardwareBehavior { LosesLinkWithPower = true }));

        TimeToWake(host, port, HardwareBehavior.Specification);

        log.Lines.Should().Contain($"Information 0000:00:03.0: Data Link Layer Link Active not set in {milliseconds} msec");
    }

    [Theory]
    [InlineData("linux-6.1", 69)]
    [InlineData("linux-6.12", 1)]
    [InlineData("linux-7.3", 1)]
    public void pci_bridge_wait_for_secondary_bus_gives_a_dead_function_below_a_slow_link_that_is_down_up_after(string profile, int seconds)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = SlowPort(host, new HardwareBehavior { LosesLinkWithPower = true });

        TimeToWake(host, port, Dead).TotalSeconds.Should().BeInRange(seconds - 0.1, seconds + 1);

        port.Downstream[0].IsDisconnected.Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_function_whose_slow_link_is_up_is_waited_for_a_minute_longer(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = SlowPort(host, HardwareBehavior.Specification);

        TimeToWake(host, port, Dead).Should().BeGreaterThan(TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("linux-6.1", 60)]
    [InlineData("linux-6.12", 0)]
    [InlineData("linux-7.3", 0)]
    public void pci_dev_wait_waits_for_a_function_that_is_gone(string profile, int seconds)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = SlowPort(host, new HardwareBehavior { LosesLinkWithPower = true });
        TimeToWake(host, port, Dead);
        TimeSpan asked = host.Clock.Now;

        host.VfioPci.Devices[0].TryOpen(out _);

        (host.Clock.Now - asked).TotalSeconds.Should().BeInRange(seconds, seconds + 40);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void pci_bridge_wait_for_secondary_bus_of_a_function_that_needs_no_time_takes_none(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = SlowPort(host, HardwareBehavior.Specification);
        PciDevice quick = port.AddEndpoint("0000:01:00.0");
        quick.Hardware.D3ColdDelay = TimeSpan.Zero;
        quick.Hardware.D3HotDelay = TimeSpan.Zero;

        TimeToWake(host, port).Should().Be(TimeSpan.Zero);
    }

    /// <summary>A root port of at most 5 GT/s.</summary>
    private static PciDevice SlowPort(SimulatedHost host, HardwareBehavior behavior)
    {
        DeviceImage image = DeviceImages.RootPort.WithLink(ExpressRegisters.LinkSpeed5, reportsActive: true);
        PciDevice port = host.AddRootPort(
            "0000:00:03.0", setup => setup.WithImage(image).WithPowerResource().WithBehavior(behavior));
        port.Hardware.D3HotDelay = TimeSpan.Zero;
        return port;
    }

    private static TimeSpan TimeToWake(SimulatedHost host, PciDevice port, HardwareBehavior behavior)
    {
        port.AddEndpoint("0000:01:00.0", setup: setup => setup.WithBehavior(behavior));
        return TimeToWake(host, port);
    }

    private static TimeSpan TimeToWake(SimulatedHost host, PciDevice port)
    {
        host.VfioPci.Bind(port.Downstream[0]);
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        port.Should().BeIn(PowerState.D3Cold);
        TimeSpan asked = host.Clock.Now;
        port.RuntimePm.GetSync().Should().Succeed();
        return host.Clock.Now - asked;
    }
}

namespace VfioPm.Tests;

/// <summary>How long a port waits for what is below (<c>pci_bridge_wait_for_secondary_bus()</c>).</summary>
public sealed class WaitForSecondaryBusTests
{
    private static readonly HardwareBehavior Dead = new() { SilenceAfterPowerOn = HardwareBehavior.Forever };

    public static TheoryData<string> Profiles => ["rfc-v1", "linux-6.1", "linux-6.12", "linux-7.3"];

    // The links are those of the root port and of a downstream port: 100 ms, and 20 ms in which each trains, to the ticks after.
    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_upstream_port_of_a_switch_waits_for_nobody(string profile)
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

    [Theory]
    [InlineData("linux-6.1", 69)]
    [InlineData("linux-6.12", 1)]
    [InlineData("linux-7.3", 1)]
    public void A_dead_function_below_a_slow_link_that_is_not_up_is_given_up_after(string profile, int seconds)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = SlowPort(host, new HardwareBehavior { LosesLinkWithPower = true });

        TimeToWake(host, port, Dead).TotalSeconds.Should().BeInRange(seconds - 0.1, seconds + 1);

        port.Downstream[0].IsDisconnected.Should().BeTrue();
    }

    [Fact]
    public void A_function_whose_slow_link_is_up_is_waited_for_a_minute_longer()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_12);
        PciDevice port = SlowPort(host, HardwareBehavior.Specification);

        TimeToWake(host, port, Dead).Should().BeGreaterThan(TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("linux-6.1", 60)]
    [InlineData("linux-6.12", 0)]
    [InlineData("linux-7.3", 0)]
    public void Whoever_opens_a_function_that_is_gone_waits_for_it(string profile, int seconds)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = SlowPort(host, new HardwareBehavior { LosesLinkWithPower = true });
        TimeToWake(host, port, Dead);
        TimeSpan asked = host.Clock.Now;

        host.VfioPci.Devices[0].TryOpen(out _);

        (host.Clock.Now - asked).TotalSeconds.Should().BeInRange(seconds, seconds + 40);
    }

    [Fact]
    public void A_function_that_needs_no_time_costs_its_port_none()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        PciDevice port = SlowPort(host, HardwareBehavior.Specification);
        PciDevice quick = port.AddEndpoint("0000:01:00.0");
        quick.Hardware.D3ColdDelay = TimeSpan.Zero;
        quick.Hardware.D3HotDelay = TimeSpan.Zero;

        TimeToWake(host, port).Should().Be(TimeSpan.Zero);
    }

    /// <summary>A root port of at most 5 GT/s.</summary>
    private static PciDevice SlowPort(SimulatedHost host, HardwareBehavior behavior)
    {
        DeviceImage image = DeviceImages.RootPort;
        byte[] bytes = image.Bytes.ToArray();
        int express = CapabilityList.Walk(bytes).Find(CapabilityId.Express)!.Value.Offset;
        bytes[express + ExpressRegisters.LinkCapabilities] =
            (byte)((bytes[express + ExpressRegisters.LinkCapabilities] & 0xf0) | (byte)ExpressRegisters.LinkSpeed5);
        PciDevice port = host.AddRootPort(
            "0000:00:03.0", setup => setup.WithImage(image.WithBytes(bytes)).WithPowerResource().WithBehavior(behavior));
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

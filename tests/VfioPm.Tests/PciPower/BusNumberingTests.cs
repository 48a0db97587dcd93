namespace VfioPm.Tests;

/// <summary>The numbers of buses that bridges lead to (<c>pci_scan_bridge_extend()</c>).</summary>
public sealed class BusNumberingTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Each_bridge_knows_its_own_bus_the_one_below_and_the_last_behind_it()
    {
        PciDevice port = _host.AddRootPort("0000:00:03.0");
        PciDevice upstream = port.AddUpstreamPort("0000:01:00.0");
        PciDevice first = upstream.AddDownstreamPort("0000:02:00.0");
        PciDevice second = upstream.AddDownstreamPort("0000:02:01.0");
        second.AddEndpoint("0000:07:00.0");
        first.AddEndpoint("0000:05:00.0");

        BusesOf(port).Should().Be("0 1 7");
        BusesOf(upstream).Should().Be("1 2 7");
        BusesOf(first).Should().Be("2 5 5");
        BusesOf(second).Should().Be("2 7 7");
    }

    [Fact]
    public void A_bridge_with_nobody_below_it_keeps_the_number_that_it_is_found_with_if_nobody_has_it()
    {
        BusesOf(_host.AddRootPort("0000:00:03.0", setup => setup.WithImage(Found(9)))).Should().Be("0 9 9");
        BusesOf(_host.AddRootPort("0000:00:04.0", setup => setup.WithImage(Found(9)))).Should().Be("0 10 10");
        BusesOf(_host.AddRootPort("0000:00:05.0", setup => setup.WithImage(Found(0)))).Should().Be("0 11 11");
        BusesOf(_host.AddRootPort("0000:00:06.0", setup => setup.WithImage(Found(20, last: 25)))).Should().Be("0 20 25");
    }

    [Fact]
    public void Who_comes_below_a_bridge_has_the_number_and_an_empty_bridge_that_had_it_gets_another()
    {
        PciDevice empty = _host.AddRootPort("0000:00:03.0", setup => setup.WithImage(Found(9)));
        PciDevice port = _host.AddRootPort("0000:00:04.0", setup => setup.WithImage(Found(3)));

        port.AddEndpoint("0000:09:00.0");

        BusesOf(port).Should().Be("0 9 9");
        BusesOf(empty).Should().Be("0 10 10");
    }

    [Fact]
    public void Another_domain_has_numbers_of_its_own()
    {
        PciDevice port = _host.AddRootPort("0000:00:03.0", setup => setup.WithImage(Found(9)));
        PciDevice other = _host.AddRootPort("0001:00:03.0", setup => setup.WithImage(Found(9)));
        BusesOf(other).Should().Be("0 9 9");

        _host.AddRootPort("0001:00:04.0").AddEndpoint("0001:09:00.0");

        BusesOf(port).Should().Be("0 9 9");
        BusesOf(other).Should().Be("0 10 10");
    }

    [Fact]
    public void Where_the_last_number_is_taken_the_highest_that_is_free_is_given()
    {
        _host.AddRootPort("0000:00:03.0").AddEndpoint("0000:ff:00.0");
        _host.AddRootPort("0000:00:04.0").AddEndpoint("0000:fe:00.0");

        BusesOf(_host.AddRootPort("0000:00:05.0", setup => setup.WithImage(Found(0)))).Should().Be($"0 {0xfd} {0xfd}");
    }

    // Firmware numbers buses before the kernel looks: what it saved of a bridge has them, and so they come back with its power.
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void A_bridge_that_slept_when_a_function_came_below_it_has_its_number_when_it_is_awake(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice empty = host.AddRootPort("0000:00:04.0", setup => setup.WithPowerResource());
        BusesOf(port).Should().Be("0 1 1");
        BusesOf(empty).Should().Be("0 2 2");
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        port.Should().BeIn(PowerState.D3Cold);
        empty.Should().BeIn(PowerState.D3Cold);

        port.AddEndpoint("0000:02:00.0");
        port.RuntimePm.GetSync().Should().Succeed();
        empty.RuntimePm.GetSync().Should().Succeed();

        BusesOf(port).Should().Be("0 2 2");
        BusesOf(empty).Should().Be("0 3 3");
    }

    [Fact]
    public void Bridges_that_sleep_above_a_function_that_comes_lead_to_it_when_they_are_awake()
    {
        PciDevice port = _host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        PciDevice upstream = port.AddUpstreamPort("0000:01:00.0");
        PciDevice downstream = upstream.AddDownstreamPort("0000:02:00.0");
        _host.Clock.Advance(TimeSpan.FromSeconds(3));
        port.Should().BeIn(PowerState.D3Cold);

        PciDevice nic = downstream.AddEndpoint("0000:09:00.0");
        nic.RuntimePm.GetSync().Should().Succeed();

        BusesOf(port).Should().Be("0 1 9");
        BusesOf(upstream).Should().Be("1 2 9");
        BusesOf(downstream).Should().Be("2 9 9");
        nic.Hardware.Answers.Should().BeTrue();
    }

    [Fact]
    public void An_address_that_cannot_be_where_it_is_to_be_is_refused_and_says_why()
    {
        PciDevice port = _host.AddRootPort("0000:00:03.0");
        port.AddEndpoint("0000:01:00.0");
        PciDevice other = _host.AddRootPort("0000:00:04.0");

        Refusal(() => port.AddEndpoint("0001:01:01.0"))
            .Should().StartWith("0001:01:01.0 cannot be right below 0000:00:03.0: that is in another domain.");
        Refusal(() => other.AddEndpoint("0000:01:01.0"))
            .Should().StartWith("0000:01:01.0 cannot be right below 0000:00:04.0: 0000:01:00.0 is on that bus, right below 0000:00:03.0.");
        Refusal(() => _host.AddEndpoint("0000:01:01.0"))
            .Should().StartWith("0000:01:01.0 cannot be on a root bus: 0000:01:00.0 is on that bus, right below 0000:00:03.0.");
        Refusal(() => other.AddEndpoint("0000:00:01.0"))
            .Should().StartWith("0000:00:01.0 cannot be right below 0000:00:04.0: 0000:00:03.0 is on that bus, a root bus.");
        Refusal(() => port.AddEndpoint("0000:02:00.0"))
            .Should().StartWith("0000:02:00.0 cannot be right below 0000:00:03.0: 0000:01:00.0 is, on another bus.");
        _host.AddEndpoint("0001:00:01.0").Upstream.Should().BeNull("a domain has its own buses");
    }

    private static string Refusal(Func<PciDevice> add) =>
        FluentActions.Invoking(add).Should().Throw<ArgumentException>().Which.Message;

    /// <summary>The buses above, below and last behind a bridge.</summary>
    private static string BusesOf(PciDevice bridge) => string.Join(
        ' ',
        bridge.Hardware.ReadConfig(PciRegisters.PrimaryBus, 1),
        bridge.Hardware.ReadConfig(PciRegisters.SecondaryBus, 1),
        bridge.Hardware.ReadConfig(PciRegisters.SubordinateBus, 1));

    /// <summary>A port that the firmware has given a number.</summary>
    private static DeviceImage Found(byte secondary, byte last = 0)
    {
        byte[] bytes = DeviceImages.RootPort.Bytes.ToArray();
        bytes[PciRegisters.SecondaryBus] = secondary;
        bytes[PciRegisters.SubordinateBus] = last;
        return DeviceImages.RootPort.WithBytes(bytes);
    }
}

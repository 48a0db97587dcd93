namespace VfioPm.Tests;

/// <summary>Functions below a switch: two of its ports are between them and the root port.</summary>
public sealed class SwitchTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12);
    private readonly PciDevice _root;
    private readonly PciDevice _upstream;
    private readonly PciDevice _left;
    private readonly PciDevice _right;
    private readonly PciDevice _gpu;
    private readonly PciDevice _disk;

    public SwitchTests()
    {
        _root = _host.AddRootPort("0000:00:03.0", port => port.WithPowerResource());
        _upstream = _root.AddUpstreamPort("0000:01:00.0");
        _left = _upstream.AddDownstreamPort("0000:02:00.0");
        _right = _upstream.AddDownstreamPort("0000:02:01.0");
        _gpu = _left.AddEndpoint("0000:03:00.0");
        _disk = _right.AddEndpoint("0000:04:00.0", DeviceImages.Nvme);
    }

    private IEnumerable<PciDevice> All => [_root, _upstream, _left, _right, _gpu, _disk];

    public static TheoryData<string> Kernels => ReleasedKernels.WithLowPower;

    public void Dispose() => _host.Dispose();

    [Fact]
    public void All_goes_to_D3cold_when_the_last_function_below_sleeps()
    {
        VfioDeviceFile gpu = _host.VfioPci.Bind(_gpu).Open();
        _host.VfioPci.Bind(_disk);
        _host.Clock.Advance(TimeSpan.FromSeconds(2));

        _disk.Should().BeIn(PowerState.D3Hot);
        _right.Should().BeIn(PowerState.D3Hot);
        _left.Should().BeIn(PowerState.D0);
        _upstream.Should().BeIn(PowerState.D0);

        gpu.Close();
        _host.Clock.Advance(TimeSpan.FromSeconds(2));

        All.Should().OnlyContain(device => device.PowerState == PowerState.D3Cold);
        All.Should().OnlyContain(device => device.Hardware.PowerState == PowerState.D3Cold);
    }

    [Fact]
    public void Waking_one_function_wakes_the_ports_above_it()
    {
        VfioPciDevice gpu = _host.VfioPci.Bind(_gpu);
        _host.VfioPci.Bind(_disk);
        _host.Clock.Advance(TimeSpan.FromSeconds(2));
        _root.Should().BeIn(PowerState.D3Cold);

        gpu.Open();

        foreach (PciDevice device in new[] { _root, _upstream, _left, _gpu })
        {
            device.Should().BeIn(PowerState.D0);
            device.Hardware.Faults.Should().BeEmpty();
        }

        _host.Clock.Advance(TimeSpan.FromSeconds(2));
        _right.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
        _disk.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_function_kept_out_of_D3cold_keeps_the_root_port_awake_from_two_ports_below()
    {
        _gpu.Sysfs.Write("d3cold_allowed", "0");
        _host.VfioPci.Bind(_gpu);
        _host.VfioPci.Bind(_disk);
        _host.Clock.Advance(TimeSpan.FromSeconds(2));

        _gpu.Should().BeIn(PowerState.D3Hot);
        _right.Should().BeIn(PowerState.D3Hot);
        _left.Should().BeIn(PowerState.D0);
        _root.Should().BeIn(PowerState.D0);
    }

    // PCI Express Base, section 7.5.3.2.
    [Fact]
    public void Its_ports_say_what_they_are()
    {
        PortTypeOf(_root).Should().Be(ExpressPortType.RootPort);
        PortTypeOf(_upstream).Should().Be(ExpressPortType.UpstreamPort);
        PortTypeOf(_left).Should().Be(ExpressPortType.DownstreamPort);
        _upstream.Driver!.Name.Should().Be("pcieport");
        (FlagsOf(_upstream) & ExpressRegisters.FlagsSlot).Should().Be(0);
    }

    // PCI Express Base, section 7.5.1.3: each port has a bus below it, with a number of its own, whether something is there or not.
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Its_ports_say_which_buses_are_below_them(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice empty = host.AddRootPort("0000:00:02.0");
        PciDevice root = host.AddRootPort("0000:00:03.0");
        PciDevice upstream = root.AddUpstreamPort("0000:01:00.0");
        PciDevice left = upstream.AddDownstreamPort("0000:02:00.0");
        PciDevice right = upstream.AddDownstreamPort("0000:02:01.0");
        right.AddEndpoint("0000:03:00.0");
        PciDevice[] ports = [empty, root, upstream, left, right];

        ports.Select(static port => port.Hardware.Bridge!.PrimaryBus).Should().Equal(0, 0, 1, 2, 2);
        ports.Select(static port => port.Hardware.Bridge!.SecondaryBus).Should().OnlyHaveUniqueItems().And.NotContain(0);
        root.Hardware.Bridge!.SecondaryBus.Should().Be(1);
        upstream.Hardware.Bridge!.SecondaryBus.Should().Be(2);
        right.Hardware.Bridge!.SecondaryBus.Should().Be(3);
        left.Sysfs.Read("secondary_bus_number").Text.Should().Be($"{left.Hardware.Bridge!.SecondaryBus}");
    }

    private static ExpressPortType PortTypeOf(PciDevice port) => (ExpressPortType)((FlagsOf(port) >> 4) & 0xf);

    private static uint FlagsOf(PciDevice port) => port.Hardware.Configuration.Read(
        port.Hardware.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.Flags, 2);
}

namespace VfioPm.Tests;

/// <summary>The trace has the guest's, the kernel's and the hardware's view, and what people did.</summary>
public sealed class ThreeViewsTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.RfcV1);
    private readonly PciDevice _nic;

    public ThreeViewsTests() =>
        _nic = _host.AddRootPort("0000:00:03.0", port => port.WithPowerResource()).AddEndpoint("0000:01:00.0");

    public void Dispose() => _host.Dispose();

    [Fact]
    public void The_guest_sees_D3hot_at_once_kernel_and_hardware_follow_by_way_of_D3hot_to_D3cold()
    {
        using VfioDeviceFile device = _host.VfioPci.Bind(_nic).Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);
        TimeSpan asked = _host.Clock.Now;
        _host.Clock.Advance(TimeSpan.FromSeconds(2));

        StatesOf(TraceKind.GuestState).Should().Equal(PowerState.D0, PowerState.D3Hot);
        StatesOf(TraceKind.PowerState).Should().EndWith([PowerState.D3Hot, PowerState.D3Cold]);
        StatesOf(TraceKind.HardwareState).Should().EndWith([PowerState.D3Hot, PowerState.D3Cold]);
        Last(TraceKind.GuestState).Time.Should().Be(asked);
        Last(TraceKind.HardwareState).Time.Should().BeGreaterThanOrEqualTo(asked + TimeSpan.FromSeconds(1));
        Last(TraceKind.HardwareState).What.Should().Be("hardware D3hot → D3cold");
        device.Device.PowerStateShown.Should().Be(PowerState.D3Hot);
    }

    [Fact]
    public void Nobody_sees_a_power_state_once_the_device_is_closed()
    {
        VfioPciDevice bound = _host.VfioPci.Bind(_nic);
        bound.Open().Close();

        StatesOf(TraceKind.GuestState).Should().Equal(PowerState.D0, PowerState.Unknown);
        bound.PowerStateShown.Should().BeNull();
    }

    [Fact]
    public void A_reset_in_D3hot_is_seen_by_guest_and_hardware()
    {
        using VfioDeviceFile device = _host.VfioPci.Bind(_nic).Open();
        _nic.Hardware.WriteConfig(_nic.Hardware.Pm!.ControlStatusOffset, 2, (uint)PowerState.D3Hot);
        device.Config.ReadPmcsrState();
        _nic.Hardware.Reset();
        device.Config.ReadPmcsrState();

        StatesOf(TraceKind.HardwareState).Should().EndWith([PowerState.D3Hot, PowerState.D0]);
        StatesOf(TraceKind.GuestState).Should().Equal(PowerState.D0, PowerState.D3Hot, PowerState.D0);
    }

    [Fact]
    public void What_somebody_does_is_recorded_even_if_nothing_comes_of_it()
    {
        _nic.HostConfig.Read(0, new byte[4]);

        TraceEntry operation = Last(TraceKind.Operation);
        operation.What.Should().Be("host reads configuration space");
        operation.Device.Should().Be(_nic.Name);
        operation.Cause.Should().BeNull();
    }

    [Fact]
    public void What_a_guest_asks_for_is_recorded_with_the_access_it_came_by()
    {
        using VfioDeviceFile device = _host.VfioPci.Bind(_nic).Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);

        TraceEntry operation = Last(TraceKind.Operation);
        operation.What.Should().Be("guest asks for low power in PMCSR");
        operation.Cause!.Value.Device.Should().Be(_nic.Name);
    }

    [Fact]
    public void The_usual_timeline_has_neither_until_asked()
    {
        using VfioDeviceFile device = _host.VfioPci.Bind(_nic).Open();

        string usual = _host.Trace.ToString();
        usual.Should().NotContain("guest reads");
        string full = _host.Trace.ToTimeline()
            .With(TraceKind.GuestState, TraceKind.Operation).Of(_nic.Name).ToString();
        full.Should().Contain("guest reads D0").And.Contain("opened");
    }

    [Fact]
    public void A_fork_goes_on_with_what_the_guest_saw_and_the_original_does_not_notice()
    {
        VfioDeviceFile device = _host.VfioPci.Bind(_nic).Open();
        int before = _host.Trace.Entries.Count;
        SimulatedHost copy = _host.Fork();
        copy.VfioPci.Devices[0].Files[0].Config.ReadPmcsrState();

        copy.Trace.Entries.Skip(before).Should().OnlyContain(entry => entry.Kind == TraceKind.Operation || entry.Kind == TraceKind.Return)
            .And.NotBeEmpty("the read is an operation, and shows what was shown before");
        _host.Trace.Entries.Should().HaveCount(before);
        device.Close();
    }

    [Fact]
    public void Nothing_is_recorded_while_the_trace_is_off()
    {
        _host.Trace.IsEnabled = false;
        int before = _host.Trace.Entries.Count;
        _host.VfioPci.Bind(_nic).Open().Config.WritePmcsrState(PowerState.D3Hot);
        _host.Clock.Advance(TimeSpan.FromSeconds(2));

        _host.Trace.Entries.Should().HaveCount(before);
    }

    private TraceEntry Last(TraceKind kind) =>
        _host.Trace.Entries.Last(entry => entry.Kind == kind && entry.Device == _nic.Name);

    private IEnumerable<PowerState> StatesOf(TraceKind kind) => _host.Trace.Entries
        .Where(entry => entry.Kind == kind && entry.Device == _nic.Name)
        .Select(entry => entry.PowerState.After);
}

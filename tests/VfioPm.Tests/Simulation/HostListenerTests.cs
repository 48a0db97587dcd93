namespace VfioPm.Tests;

/// <summary>Each layer of a host tells its own listeners, whether or not the trace is one of them.</summary>
public sealed class HostListenerTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.RfcV1);
    private readonly PciDevice _nic;

    public HostListenerTests() =>
        _nic = _host.AddRootPort("0000:00:03.0", port => port.WithPowerResource()).AddEndpoint("0000:01:00.0");

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Each_layer_tells_its_listeners_what_the_trace_has(bool isTraced)
    {
        Listener listener = new();
        listener.Join(_host);
        _host.Trace.Clear();
        _host.Trace.IsEnabled = isTraced;

        using VfioDeviceFile device = _host.VfioPci.Bind(_nic).Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);
        _host.Clock.Advance(TimeSpan.FromSeconds(2));

        listener.Lines.Should().ContainInOrder(
            "0000:01:00.0 opened",
            "0000:01:00.0 opened returned 0",
            "0000:01:00.0 shows D0",
            "0000:01:00.0 shows D3Hot",
            "0000:01:00.0 Suspending",
            "0000:01:00.0 hardware was D0",
            "0000:01:00.0 kernel believed D0");
        _host.Trace.Entries.Count.Should().Be(isTraced ? listener.Lines.Count - listener.Repeated : 0);
    }

    [Fact]
    public void A_listener_of_one_layer_hears_of_no_other()
    {
        Listener listener = new();
        _host.Topology.Events.Add(listener);

        using VfioDeviceFile device = _host.VfioPci.Bind(_nic).Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);
        _host.Clock.Advance(TimeSpan.FromSeconds(2));

        listener.Lines.Should().NotBeEmpty().And.OnlyContain(
            line => line.Contains("hardware was", StringComparison.Ordinal) || line.Contains("believed", StringComparison.Ordinal));
    }

    [Fact]
    public void A_fork_tells_the_copy_in_each_layer()
    {
        Listener listener = new();
        listener.Join(_host);

        SimulatedHost fork = _host.Fork();

        Listener copy = fork.RuntimePm.Events.Find<Listener>()!;
        copy.Should().NotBeSameAs(listener);
        fork.Topology.Events.Find<Listener>().Should().BeSameAs(copy);
        fork.VfioPci.Events.Find<Listener>().Should().BeSameAs(copy);
        fork.Clock.Operations.Find<Listener>().Should().BeSameAs(copy);
        fork.Trace.IsEnabled.Should().BeTrue();
    }

    [Fact]
    public void A_guest_is_heard_by_whoever_listens_to_its_host_in_a_fork_too()
    {
        LinuxGuest guest = _host.Boot(_host.VfioPci.Bind(_nic).Open());

        guest.RuntimePm.Events.Should().BeSameAs(_host.RuntimePm.Events);
        SimulatedHost fork = _host.Fork();
        fork.Guests[0].RuntimePm.Events.Should().BeSameAs(fork.RuntimePm.Events).And.NotBeSameAs(_host.RuntimePm.Events);
    }

    [Fact]
    public void A_trace_of_the_core_alone_does_not_pass_for_one_of_the_host()
    {
        _host.Trace.IsEnabled = false;
        HostTrace ofCore = new(_host.RuntimePm);

        ofCore.IsEnabled.Should().BeTrue();
        HostTrace.Of(_nic.RuntimePm).Should().BeNull("it knows nothing of power states");

        _host.Trace.IsEnabled = true;
        HostTrace.Of(_nic.RuntimePm).Should().BeSameAs(_host.Trace);
        ofCore.IsEnabled.Should().BeTrue();
    }

    private sealed class Listener : IOperationListener, IRuntimePmListener, IPciPowerListener, IVfioListener
    {
        private readonly Dictionary<string, PowerState?> _shown = [];

        public List<string> Lines { get; } = [];

        /// <summary>How often a user's view was told that had not changed.</summary>
        public int Repeated { get; private set; }

        public void Join(SimulatedHost host)
        {
            host.Clock.Operations.Add(this);
            host.RuntimePm.Events.Add(this);
            host.Topology.Events.Add(this);
            host.VfioPci.Events.Add(this);
        }

        public void OnOperation(string what, string device) => Lines.Add($"{device} {what}");

        public void OnReturn(string what, string device, int result) => Lines.Add($"{device} {what} returned {result}");

        public void OnTrace(in RpmTraceEvent trace) => Lines.Add(trace.ToString());

        public void OnStatus(RuntimePmDevice device, RuntimeStatus before) => Lines.Add($"{device.Name} {device.Status}");

        public void OnUsageCount(RuntimePmDevice device, int before) => Lines.Add($"{device.Name} usage {device.UsageCount}");

        public void OnPowerState(PciDevice device, PowerState before) => Lines.Add($"{device.Name} kernel believed {before}");

        public void OnHardwareState(PciDevice device, PowerState before) => Lines.Add($"{device.Name} hardware was {before}");

        public void OnUserCall(VfioPciDevice device)
        {
            PowerState? shown = device.PowerStateShown;
            Repeated += _shown.TryGetValue(device.Pci.Name, out PowerState? before) && before == shown ? 1 : 0;
            _shown[device.Pci.Name] = shown;
            Lines.Add($"{device.Pci.Name} shows {shown}");
        }

        public IForkable Fork(ForkContext fork) => new Listener();
    }
}

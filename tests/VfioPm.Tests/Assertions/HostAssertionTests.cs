using static VfioPm.Tests.Failure;

namespace VfioPm.Tests;

/// <summary>What happened on a host, what leaked, and what is pending.</summary>
public sealed class HostAssertionTests
{
    private readonly Machine _machine = new(KernelProfile.RfcV1);

    private PciDevice Nic => _machine.Nic;

    private PciDevice Port => _machine.Port;

    [Fact]
    public void Leaks_of_all_devices_are_told()
    {
        UsageBaseline before = UsageBaseline.Of(_machine.Host.RuntimePm);
        _machine.Host.Should().BeBalancedSince(before);

        Nic.Sysfs.Write("power/control", "auto");
        Port.Sysfs.Write("power/control", "on");

        MessageOf(() => _machine.Host.Should().BeBalancedSince(before)).Should().Be(
            """
            Expected the host to have balanced usage counts since 0.000 s, but 0000:00:03.0 went from 0 to 1, and 0000:01:00.0 went from 1 to 0.
            Now, at 0.000 s on rfc-v1: 0000:00:03.0: Active, usage 1, children 1
            Not given back:
              host writes on to power/control at 0.000 s
            What happened to 0000:00:03.0 last:
              0.000 s  0000:00:03.0  usage 0 → 1             0000:00:03.0: enumerated
              0.000 s  0000:00:03.0  usage 1 → 0             0000:00:03.0: bound to pcieport
              0.000 s  0000:00:03.0  usage 0 → 1             0000:00:03.0: host writes on to power/control
            Now, at 0.000 s on rfc-v1: 0000:01:00.0: Active, usage 0, children 0
            Given back last:
              host writes auto to power/control at 0.000 s
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: enumerated
              0.000 s  0000:01:00.0  usage 1 → 0             0000:01:00.0: host writes auto to power/control
            """);
    }

    [Fact]
    public void What_is_pending_is_listed()
    {
        using var host = new SimulatedHost();
        RuntimePmDevice camera = host.RuntimePm.AddDevice("camera");
        camera.Enable();
        camera.GetSync();
        camera.Put();

        MessageOf(() => host.Should().HaveNothingPending()).Should().Be(
            """
            Expected the host to have nothing pending, but there is camera: Autosuspend request on pm_wq at 0.000 s.
            Still to come:
              0.000 s  camera: Autosuspend request on pm_wq
            """);
        host.Clock.RunPending();
        host.Should().HaveNothingPending();
    }

    [Fact]
    public void An_order_that_did_not_happen_names_the_first_step_that_is_missing()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        _machine.Host.Trace.Should().HaveSeenInOrder((Nic, PowerState.D3Hot), (Port, PowerState.D3Cold));
        MessageOf(() => _machine.Host.Trace.Should().HaveSeenInOrder(
            [(Port, PowerState.D3Cold), (Nic, PowerState.D3Hot)], "ports go first")).Should().Be(
            """
            Expected the host to have seen 0000:00:03.0 in D3cold, then 0000:01:00.0 in D3hot because ports go first, but 0000:01:00.0 in D3hot did not come after that.
            What happened last:
              0.000 s  0000:00:03.0  unknown → D0            0000:00:03.0: bound to pcieport
              0.000 s  0000:01:00.0  unknown → D0            0000:01:00.0: bound to vfio-pci
              1.036 s  0000:01:00.0  D0 → D3hot              0000:01:00.0: autosuspend timer
              1.048 s  0000:00:03.0  D0 → D3hot              0000:01:00.0: autosuspend timer, last child 0000:01:00.0 suspended at 1.036 s
              1.048 s  0000:00:03.0  D3hot → D3cold
              1.048 s  0000:01:00.0  D3hot → D3cold          0000:00:03.0: power switched off
            """);
    }

    [Fact]
    public void An_order_may_be_of_anything_that_the_timeline_has()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        _machine.Host.Trace.Should().HaveSeenInOrder(
            (Nic, "opened"),
            (Nic, "guest asks for low power in PMCSR"),
            (Nic, "guest reads D3hot"),
            (Nic, "hardware D3hot → D3cold"));
        MessageOf(() => _machine.Host.Trace.Should().HaveSeenInOrder((Nic, "opened"), (Nic, "closed"))).Should().Be(
            """
            Expected the host to have seen 0000:01:00.0 opened, then 0000:01:00.0 closed, but 0000:01:00.0 closed did not come after that.
            What happened last:
              0.000 s  0000:00:03.0  unknown → D0                       0000:00:03.0: bound to pcieport
              0.000 s  0000:01:00.0  enumerated                         -
              0.000 s  0000:01:00.0  bound to vfio-pci
              0.000 s  0000:01:00.0  unknown → D0                       0000:01:00.0: bound to vfio-pci
              0.000 s  0000:01:00.0  opened                             -
              0.024 s  0000:01:00.0  guest reads configuration space
              0.024 s  0000:01:00.0  guest writes configuration space
              0.024 s  0000:01:00.0  guest asks for low power in PMCSR  0000:01:00.0: guest writes configuration space
              1.036 s  0000:01:00.0  D0 → D3hot                         0000:01:00.0: autosuspend timer
              1.048 s  0000:00:03.0  D0 → D3hot                         0000:01:00.0: autosuspend timer, last child 0000:01:00.0 suspended at 1.036 s
              1.048 s  0000:00:03.0  D3hot → D3cold
              1.048 s  0000:01:00.0  D3hot → D3cold                     0000:00:03.0: power switched off
            """);
    }

    [Fact]
    public void A_first_step_that_never_came()
    {
        MessageOf(() => _machine.Host.Trace.Should().HaveSeenInOrder((Nic, "opened"))).Should().StartWith(
            "Expected the host to have seen 0000:01:00.0 opened, but 0000:01:00.0 opened never came.");
    }
}

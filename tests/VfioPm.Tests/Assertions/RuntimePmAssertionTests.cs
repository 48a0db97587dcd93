using static VfioPm.Tests.Failure;

namespace VfioPm.Tests;

/// <summary>Usage counts and statuses, of functions and of devices that are none; who woke whom.</summary>
public sealed class RuntimePmAssertionTests
{
    private readonly Machine _machine = new(KernelProfile.RfcV1);

    private PciDevice Nic => _machine.Nic;

    [Fact]
    public void A_usage_count_that_is_too_high_comes_with_who_holds_it()
    {
        using VfioDeviceFile device = _machine.Open();

        Nic.Should().HaveUsageCount(1);
        MessageOf(() => Nic.Should().HaveUsageCount(0, "the guest is idle")).Should().Be(
            """
            Expected 0000:01:00.0 to have a usage count of 0 because the guest is idle, but it is 1.
            Now, at 0.024 s on rfc-v1: 0000:01:00.0: Active, usage 1, children 0
            Not given back:
              opened at 0.000 s
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: enumerated
              0.000 s  0000:01:00.0  usage 1 → 0             0000:01:00.0: bound to vfio-pci
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: opened
            """);
    }

    [Fact]
    public void A_usage_count_that_is_too_low_comes_with_who_gave_it_back()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);

        MessageOf(() => Nic.Should().HaveUsageCount(1)).Should().Be(
            """
            Expected 0000:01:00.0 to have a usage count of 1, but it is 0.
            Now, at 0.024 s on rfc-v1: 0000:01:00.0: Active, usage 0, children 0
            Given back last:
              guest asks for low power in PMCSR at 0.024 s
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: enumerated
              0.000 s  0000:01:00.0  usage 1 → 0             0000:01:00.0: bound to vfio-pci
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: opened
              0.024 s  0000:01:00.0  usage 1 → 0             0000:01:00.0: guest asks for low power in PMCSR
            """);
    }

    [Fact]
    public void A_function_that_should_be_suspended_comes_with_what_keeps_it()
    {
        using VfioDeviceFile device = _machine.OpenIn(PowerState.D3Hot);

        Nic.Should().HaveRuntimeStatus(RuntimeStatus.Active);
        MessageOf(() => Nic.Should().HaveRuntimeStatus(RuntimeStatus.Suspended)).Should().Be(
            """
            Expected 0000:01:00.0 to be Suspended, but it is Active.
            Now, at 0.024 s on rfc-v1: 0000:01:00.0: Active, usage 0, children 0
            It does not sleep because:
              the suspend timer of 0000:01:00.0 runs out at 1.000 s only
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: enumerated
              0.000 s  0000:01:00.0  Suspended → Active
              0.000 s  0000:01:00.0  usage 1 → 0             0000:01:00.0: bound to vfio-pci
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: opened
              0.024 s  0000:01:00.0  usage 1 → 0             0000:01:00.0: guest asks for low power in PMCSR
            """);
    }

    [Fact]
    public void A_device_that_is_no_function_is_explained_too()
    {
        var core = new RuntimePmCore();
        var trace = new HostTrace(core);
        RuntimePmDevice hub = core.AddDevice("hub");
        RuntimePmDevice camera = core.AddDevice("camera", hub);
        hub.Enable();
        camera.Enable();
        using (core.Clock.Because("open", "camera"))
        {
            camera.GetSync();
        }

        hub.Should().HaveRuntimeStatus(RuntimeStatus.Active).And.HaveUsageCount(0);
        MessageOf(() => hub.Should().HaveRuntimeStatus(RuntimeStatus.Suspended)).Should().Be(
            """
            Expected hub to be Suspended, but it is Active.
            Now, at 0.000 s: hub: Active, usage 0, children 1
            It does not sleep because:
              camera below hub is Active
              camera is held by a usage count of 1 (open at 0.000 s)
            What happened to hub last:
              0.000 s  hub  Suspended → Resuming    camera: open
              0.000 s  hub  Resuming → Active
            """);
        using (core.Clock.Because("close", "camera"))
        {
            camera.PutSync();
        }

        MessageOf(() => camera.Should().HaveRuntimeStatus(RuntimeStatus.Active)).Should().Be(
            """
            Expected camera to be Active, but it is Suspended.
            Now, at 0.000 s: camera: Suspended, usage 0, children 0
            It is not awake because:
              nobody holds camera since its last user left (close at 0.000 s)
              camera was put to sleep (close at 0.000 s)
            What happened to camera last:
              0.000 s  camera  usage 0 → 1             camera: open
              0.000 s  camera  Suspended → Resuming
              0.000 s  camera  Resuming → Active
              0.000 s  camera  usage 1 → 0             camera: close
              0.000 s  camera  Active → Suspending
              0.000 s  camera  Suspending → Suspended
            """);
        trace.IsEnabled.Should().BeTrue();
    }

    [Fact]
    public void A_device_whose_callback_failed_is_given_up_by_runtime_PM()
    {
        var core = new RuntimePmCore();
        RuntimePmDevice camera = core.AddDevice("camera", callbacks: new DriverCallbacks { Resume = _ => Errno.EIO });
        camera.Enable();
        camera.GetSync();

        MessageOf(() => camera.Should().HaveRuntimeStatus(RuntimeStatus.Active)).Should().Be(
            """
            Expected camera to be Active, but it is Suspended.
            Now, at 0.000 s: camera: Suspended, usage 1, children 0
            It is not awake because:
              runtime PM has given up on camera: a callback returned -EIO
            The trace is off: what happened is not known. Make one with new HostTrace(core), or switch the one there is on with IsEnabled.
            """);
    }

    [Fact]
    public void A_leak_comes_with_the_get_that_was_not_put()
    {
        VfioPciDevice bound = _machine.Bind();
        UsageBaseline before = UsageBaseline.Of(_machine.Host.RuntimePm);
        using VfioDeviceFile device = bound.Open();
        device.Config.WritePmcsrState(PowerState.D3Hot);
        device.Config.WritePmcsrState(PowerState.D0);

        MessageOf(() => Nic.Should().BeBalancedSince(before)).Should().Be(
            """
            Expected 0000:01:00.0 to have a balanced usage count since 0.000 s, but it went from 0 to 1.
            Now, at 0.024 s on rfc-v1: 0000:01:00.0: Active, usage 1, children 0
            Not given back:
              guest asks for D0 in PMCSR at 0.024 s
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: enumerated
              0.000 s  0000:01:00.0  usage 1 → 0             0000:01:00.0: bound to vfio-pci
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: opened
              0.024 s  0000:01:00.0  usage 1 → 0             0000:01:00.0: guest asks for low power in PMCSR
              0.024 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: guest writes configuration space
              0.024 s  0000:01:00.0  usage 1 → 2             0000:01:00.0: guest asks for D0 in PMCSR
              0.024 s  0000:01:00.0  usage 2 → 1             0000:01:00.0: guest writes configuration space
            """);
        device.Close();
        Nic.Should().BeBalancedSince(before);
    }

    [Fact]
    public void A_put_too_many_comes_with_the_puts()
    {
        using VfioDeviceFile device = _machine.Open();
        UsageBaseline before = UsageBaseline.Of(_machine.Host.RuntimePm);
        device.Config.WritePmcsrState(PowerState.D3Hot);

        MessageOf(() => Nic.RuntimePm.Should().BeBalancedSince(before)).Should().Be(
            """
            Expected 0000:01:00.0 to have a balanced usage count since 0.024 s, but it went from 1 to 0.
            Now, at 0.024 s on rfc-v1: 0000:01:00.0: Active, usage 0, children 0
            Given back last:
              guest asks for low power in PMCSR at 0.024 s
            What happened to 0000:01:00.0 last:
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: enumerated
              0.000 s  0000:01:00.0  usage 1 → 0             0000:01:00.0: bound to vfio-pci
              0.000 s  0000:01:00.0  usage 0 → 1             0000:01:00.0: opened
              0.024 s  0000:01:00.0  usage 1 → 0             0000:01:00.0: guest asks for low power in PMCSR
            """);
    }

    [Fact]
    public void A_function_that_was_woken_for_a_moment_comes_with_who_did_it()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();
        TimeSpan asleep = _machine.Host.Clock.Now;
        Nic.Should().HaveStayedAsleep(since: asleep);

        Nic.HostConfig.Read(0, new byte[4]);
        _machine.Settle();

        Nic.Should().BeIn(PowerState.D3Cold);
        MessageOf(() => Nic.Should().HaveStayedAsleep(since: asleep)).Should().Be(
            """
            Expected 0000:01:00.0 to have stayed asleep since 1.524 s, but it was woken (host reads configuration space at 1.660 s).
            Now, at 3.160 s on rfc-v1: 0000:01:00.0: Suspended, usage 0, children 0
            What happened to 0000:01:00.0 since 1.524 s:
              1.660 s  0000:01:00.0  Suspended → Resuming    0000:01:00.0: host reads configuration space
              1.660 s  0000:01:00.0  D3cold → D0
              1.660 s  0000:01:00.0  Resuming → Active
              2.660 s  0000:01:00.0  Active → Suspending     0000:01:00.0: autosuspend timer
              2.672 s  0000:01:00.0  D0 → D3hot
              2.672 s  0000:01:00.0  Suspending → Suspended
              2.684 s  0000:01:00.0  D3hot → D3cold          0000:00:03.0: power switched off
            """);
    }

    [Fact]
    public void A_function_that_never_slept_did_not_stay_asleep()
    {
        using VfioDeviceFile device = _machine.Open();

        MessageOf(() => Nic.Should().HaveStayedAsleep(since: _machine.Host.Clock.Now)).Should().Be(
            """
            Expected 0000:01:00.0 to have stayed asleep since 0.024 s, but it is awake.
            Now, at 0.024 s on rfc-v1: 0000:01:00.0: Active, usage 1, children 0
            It does not sleep because:
              0000:01:00.0 is held by a usage count of 1 (opened at 0.000 s)
              the user of 0000:01:00.0 has not asked for D3hot in PMCSR
            What happened to 0000:01:00.0 since 0.024 s:
              nothing
            """);
    }

    [Fact]
    public void Sleep_that_runtime_PM_has_no_part_in_is_sleep_too()
    {
        Machine before = new(KernelProfile.PreRfc);
        using VfioDeviceFile device = before.OpenIn(PowerState.D3Hot);
        TimeSpan asleep = before.Host.Clock.Now;

        before.Nic.Should().HaveRuntimeStatus(RuntimeStatus.Active);
        before.Nic.Should().HaveStayedAsleep(since: asleep);

        device.Config.WritePmcsrState(PowerState.D0);
        before.Nic.Should().HaveBeenWokenBy("guest asks for D0 in PMCSR");
    }

    [Fact]
    public void Somebody_else_woke_it()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();
        Nic.HostConfig.Read(0, new byte[4]);

        Nic.Should().HaveBeenWokenBy("host reads configuration space");
        _machine.Port.Should().HaveBeenWokenBy("0000:01:00.0: host reads");
        MessageOf(() => _machine.Port.Should().HaveBeenWokenBy("guest asks for D0 in PMCSR")).Should().Be(
            """
            Expected 0000:00:03.0 to have been woken by "guest asks for D0 in PMCSR", but it was "0000:01:00.0: host reads configuration space" at 1.660 s.
            Now, at 1.660 s on rfc-v1: 0000:00:03.0: Active, usage 0, children 1
            What happened to 0000:00:03.0 last:
              0.000 s  0000:00:03.0  Suspended → Active      0000:00:03.0: enumerated
              0.000 s  0000:00:03.0  unknown → D0            0000:00:03.0: bound to pcieport
              1.036 s  0000:00:03.0  Active → Suspending     0000:01:00.0: autosuspend timer, last child 0000:01:00.0 suspended at 1.036 s
              1.048 s  0000:00:03.0  D0 → D3hot
              1.048 s  0000:00:03.0  D3hot → D3cold
              1.048 s  0000:00:03.0  Suspending → Suspended
              1.524 s  0000:00:03.0  Suspended → Resuming    0000:01:00.0: host reads configuration space
              1.524 s  0000:00:03.0  D3cold → D0
              1.660 s  0000:00:03.0  Resuming → Active
            """);
    }

    [Fact]
    public void Somebody_else_put_it_to_sleep()
    {
        using VfioDeviceFile device = _machine.OpenAndSleep();

        Nic.Should().HaveBeenPutToSleepBy("power switched off");
        _machine.Port.Should().HaveBeenPutToSleepBy("autosuspend timer");
        MessageOf(() => _machine.Port.Should().HaveBeenPutToSleepBy("closed")).Should().Be(
            """
            Expected 0000:00:03.0 to have been put to sleep by "closed", but it was "0000:01:00.0: autosuspend timer" at 1.048 s.
            Now, at 1.524 s on rfc-v1: 0000:00:03.0: Suspended, usage 0, children 0
            What happened to 0000:00:03.0 last:
              0.000 s  0000:00:03.0  Suspended → Active      0000:00:03.0: enumerated
              0.000 s  0000:00:03.0  unknown → D0            0000:00:03.0: bound to pcieport
              1.036 s  0000:00:03.0  Active → Suspending     0000:01:00.0: autosuspend timer, last child 0000:01:00.0 suspended at 1.036 s
              1.048 s  0000:00:03.0  D0 → D3hot
              1.048 s  0000:00:03.0  D3hot → D3cold
              1.048 s  0000:00:03.0  Suspending → Suspended
            """);
    }

    [Fact]
    public void Nobody_ever_put_it_to_sleep()
    {
        using VfioDeviceFile device = _machine.Open();

        MessageOf(() => Nic.Should().HaveBeenPutToSleepBy("autosuspend timer")).Should().StartWith(
            "Expected 0000:01:00.0 to have been put to sleep by \"autosuspend timer\", but nobody did that.");
    }

    /// <summary>A test's own get has no cause, but a place.</summary>
    [Fact]
    public void A_count_that_a_test_leaked_comes_with_the_line_that_took_it()
    {
        using VfioDeviceFile device = _machine.Open();
        UsageBaseline before = UsageBaseline.Of(_machine.Host.RuntimePm);
        _machine.Nic.RuntimePm.GetSync();

        MessageOf(() => _machine.Nic.Should().BeBalancedSince(before)).Should().MatchRegex(
            @"Not given back:\s+a call in RuntimePmAssertionTests\.cs:\d+ at 0\.024 s");
    }
}

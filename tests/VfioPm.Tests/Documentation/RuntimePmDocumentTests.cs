namespace VfioPm.Tests;

/// <summary>The code of docs/runtime-pm.md.</summary>
public sealed class RuntimePmDocumentTests
{
    [Fact]
    public void A_camera_sleeps_two_seconds_after_its_last_use_and_lets_the_hub_sleep()
    {
        var core = new RuntimePmCore(RuntimePmRules.Linux6_12);
        RuntimePmDevice hub = core.AddDevice("hub");
        RuntimePmDevice camera = core.AddDevice("camera", hub, new DriverCallbacks
        {
            Suspend = device => device.UsageCount == 0 ? 0 : Errno.EBUSY,
            ResumeTime = TimeSpan.FromMilliseconds(50),         // the sensor's firmware boots
        });

        hub.SetActive();                                        // both come up awake, as after enumeration
        hub.Enable();
        camera.SetActive();
        camera.SetAutosuspendDelay(2000);
        camera.SetUseAutosuspend(true);
        camera.Enable();

        camera.GetSync();                                       // somebody opens /dev/video0
        core.Clock.Advance(TimeSpan.FromSeconds(10));
        camera.MarkLastBusy();
        camera.PutAutosuspend();                                // and closes it
        core.Clock.Advance(TimeSpan.FromSeconds(1.9));
        camera.Should().HaveRuntimeStatus(RuntimeStatus.Active).And.HaveUsageCount(0);

        core.Clock.Advance(TimeSpan.FromSeconds(0.2));
        camera.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
        hub.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    private static KernelResult Open(RuntimePmDevice camera)
    {
        using var open = camera.Core.Clock.Because("open", camera.Name);
        KernelResult awake = camera.GetSync();
        return awake.IsError ? awake : 0;                       // the caller of a failed open never closes
    }

    [Fact]
    public void A_failed_open_leaks_a_usage_count()
    {
        var core = new RuntimePmCore();
        var trace = new HostTrace(core);
        RuntimePmDevice camera = core.AddDevice("camera", callbacks: new DriverCallbacks { Resume = _ => Errno.EIO });
        camera.Enable();

        UsageBaseline before = UsageBaseline.Of(core);
        Open(camera).Errno.Should().Be(Errno.EIO);
        Action check = () => camera.Should().BeBalancedSince(before);

        trace.Entries.Should().NotBeEmpty();
        check.Should().Throw<Exception>().Which.Message.Should().Be(
            """
            Expected camera to have a balanced usage count since 0.000 s, but it went from 0 to 1.
            Now, at 0.000 s: camera: Suspended, usage 1, children 0
            Not given back:
              open at 0.000 s
            What happened to camera last:
              0.000 s  camera  usage 0 → 1             camera: open

            """);
    }

    [Fact]
    public void A_second_caller_comes_while_the_camera_wakes()
    {
        (RuntimePmCore core, RuntimePmDevice camera) = AddSleepingCamera();

        PendingCall open = camera.BeginGetSync();               // one process opens the camera …
        core.Clock.Advance(TimeSpan.FromMilliseconds(20));
        camera.Should().HaveRuntimeStatus(RuntimeStatus.Resuming);
        camera.Get().Errno.Should().Be(Errno.EINPROGRESS);      // … another asks without waiting
        camera.Suspend().Errno.Should().Be(Errno.EAGAIN);       // … and nobody can put it to sleep

        core.Clock.Advance(TimeSpan.FromMilliseconds(30));
        open.Result.Should().Be(KernelResult.Success);
        camera.Should().HaveRuntimeStatus(RuntimeStatus.Active).And.HaveUsageCount(2);
    }

    [Fact]
    public void What_is_queued_has_not_run()
    {
        (RuntimePmCore core, RuntimePmDevice camera) = AddSleepingCamera();

        camera.RequestResume().Should().Be(KernelResult.Success);           // it is queued, no more
        core.Clock.Pending.Select(waiting => waiting.What).Should().Equal("camera: Resume request on pm_wq");
        camera.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);

        core.Clock.RunPending();                                            // a worker begins, and sleeps
        core.Clock.Pending.Select(waiting => waiting.What).Should().Equal("camera: the Resume callback goes on");
        camera.Should().HaveRuntimeStatus(RuntimeStatus.Resuming);

        core.FlushWork();                                                   // all workers end
        core.Clock.Pending.Select(waiting => waiting.What).Should().Equal("camera: autosuspend timer");
        camera.Should().HaveRuntimeStatus(RuntimeStatus.Active);
    }

    [Fact]
    public void The_trace_is_the_kernel_s()
    {
        (RuntimePmCore core, RuntimePmDevice camera) = AddSleepingCamera();

        var trace = new HostTrace(core);
        camera.GetSync();
        camera.Put();
        core.Clock.RunPending();
        string events = string.Join('\n', trace.Entries
            .Where(entry => entry.Kind == TraceKind.Rpm)
            .Select(entry => entry.Rpm));

        events.Should().Be(
            """
            rpm_resume camera flags-4 cnt-1 dep-0 auto-1 p-0 irq-0 child-0
            rpm_idle camera flags-1 cnt-1 dep-0 auto-1 p-0 irq-0 child-0
            rpm_return_int camera rpm_idle ret=-11
            rpm_return_int camera rpm_resume ret=0
            rpm_idle camera flags-5 cnt-0 dep-0 auto-1 p-0 irq-0 child-0
            rpm_return_int camera rpm_idle ret=0
            rpm_suspend camera flags-d cnt-0 dep-0 auto-1 p-0 irq-0 child-0
            rpm_return_int camera rpm_suspend ret=0
            """);
    }

    private static (RuntimePmCore Core, RuntimePmDevice Camera) AddSleepingCamera()
    {
        var core = new RuntimePmCore();
        RuntimePmDevice camera = core.AddDevice("camera", callbacks: new DriverCallbacks
        {
            ResumeTime = TimeSpan.FromMilliseconds(50),
        });
        camera.SetAutosuspendDelay(2000);
        camera.SetUseAutosuspend(true);
        camera.Enable();
        return (core, camera);
    }
}

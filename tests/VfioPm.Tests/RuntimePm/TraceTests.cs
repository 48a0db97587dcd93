namespace VfioPm.Tests;

/// <summary>What the engine tells its listeners and the kernel log.</summary>
public sealed class TraceTests
{
    [Fact]
    public void A_trace_reads_as_ftrace_writes_it()
    {
        RuntimePmCore core = new();
        RuntimePmDevice device = core.AddActive("nic", callbacks: Rpm.Idling(0));
        TraceRecorder recorder = TraceRecorder.Of(core);

        device.GetSync();
        device.GetIfInUse();
        device.Put();
        device.Put();
        core.Clock.RunPending();

        recorder.Lines.Should().Equal(
            "rpm_resume nic flags-4 cnt-1 dep-0 auto-1 p-0 irq-0 child-0",
            "rpm_return_int nic rpm_resume ret=1",
            "rpm_usage nic flags-0 cnt-2 dep-0 auto-1 p-0 irq-0 child-0",
            "rpm_usage nic flags-5 cnt-1 dep-0 auto-1 p-0 irq-0 child-0",
            "rpm_idle nic flags-5 cnt-0 dep-0 auto-1 p-0 irq-0 child-0",
            "rpm_return_int nic rpm_idle ret=0",
            "rpm_idle nic flags-2 cnt-0 dep-0 auto-1 p-0 irq-0 child-0",
            "rpm_return_int nic rpm_idle ret=0",
            "rpm_suspend nic flags-a cnt-0 dep-0 auto-1 p-0 irq-0 child-0",
            "nic Active > Suspending",
            "nic Suspending > Suspended",
            "rpm_return_int nic rpm_suspend ret=0");
    }

    [Fact]
    public void Kernels_after_6_1_trace_the_status_too()
    {
        RuntimePmCore core = new(RuntimePmRules.Linux6_12);
        RuntimePmDevice device = core.AddActive("nic");
        TraceRecorder recorder = TraceRecorder.Of(core);

        device.Suspend();

        recorder.Lines.Should().ContainInOrder(
            "rpm_status nic status=RPM_SUSPENDING", "rpm_status nic status=RPM_SUSPENDED");
    }

    [Fact]
    public void A_fork_has_a_listener_of_its_own()
    {
        RuntimePmCore core = new();
        core.AddActive("nic");
        TraceRecorder recorder = TraceRecorder.Of(core);

        RuntimePmCore fork = core.Fork();
        fork.Devices[0].Suspend();

        recorder.Lines.Should().BeEmpty();
        fork.Events.Find<TraceRecorder>()!.Lines.Should().NotBeEmpty();
    }

    [Fact]
    public void What_the_kernel_warns_of_is_logged()
    {
        KernelLog log = new();
        RuntimePmCore core = new(logger: log);
        RuntimePmDevice port = core.AddActive("port");
        port.Put();
        port.Enable();
        RuntimePmDevice nic = core.AddDevice("nic", port);
        nic.SetActive();
        port.Disable();
        port.SetSuspended();
        port.Enable();
        core.AddDevice("disk", port).SetActive();

        log.Lines.Should().Equal(
            "Warning port: Runtime PM usage count underflow!",
            "Warning port: Unbalanced pm_runtime_enable!",
            "Warning port: Enabling runtime PM for inactive device with active children",
            "Error disk: runtime PM trying to activate child device disk but parent (port) is not active");
    }

    [Fact]
    public void A_device_introduces_itself_in_messages() =>
        new RuntimePmCore().AddActive("nic").ToString().Should().Be("nic: Active, usage 0, children 0");

    [Fact]
    public void A_listener_hears_of_each_change_of_a_usage_count()
    {
        RuntimePmDevice device = new RuntimePmCore().AddActive("nic");
        UsageWatcher watcher = new();
        device.Core.Events.Add(watcher);

        device.GetNoResume();
        device.GetNoResume();
        device.PutNoIdle();
        device.PutNoIdle();
        device.PutNoIdle();

        watcher.Changes.Should().Equal((0, 1), (1, 2), (2, 1), (1, 0));
    }

    private sealed class UsageWatcher : IRuntimePmListener
    {
        public List<(int Before, int Now)> Changes { get; } = [];

        public void OnUsageCount(RuntimePmDevice device, int before) =>
            Changes.Add((before, device.UsageCount));

        public IForkable Fork(ForkContext fork) => this;
    }

    [Fact]
    public void A_trace_shows_what_else_decides()
    {
        RuntimePmDevice port = new RuntimePmCore().AddActive("port");
        port.Core.AddActive("nic", port);
        port.SetIrqSafe();
        port.RequestPending = true;
        port.Forbid();
        TraceRecorder recorder = TraceRecorder.Of(port.Core);

        port.Suspend();
        port.Disable();
        port.GetIfActive();

        recorder.Lines.Should().Equal(
            "rpm_suspend port flags-0 cnt-1 dep-0 auto-0 p-1 irq-1 child-1",
            "rpm_return_int port rpm_suspend ret=-11",
            "rpm_usage port flags-0 cnt-1 dep-1 auto-0 p-0 irq-1 child-1");
    }
}

namespace VfioPm.Tests.RuntimePm;

/// <summary>What a device holds of its suppliers, and who lets them go (<c>rpm_get_suppliers()</c>, <c>rpm_put_suppliers()</c>).</summary>
public sealed class SupplierReferenceTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void Suppliers_that_came_up_sleep_again_where_another_does_not()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock");
        RuntimePmDevice nic = _core.AddSuspended("nic");
        DeviceLink link = nic.AddSupplier(clock)!;
        nic.AddSupplier(_core.AddSuspended("regulator", callbacks: Rpm.Resuming(Errno.EIO)));

        nic.Resume().Errno.Should().Be(Errno.EIO);

        (link.RpmActive, clock.UsageCount).Should().Be((1, 0));
        clock.Status.Should().Be(RuntimeStatus.Active, "it was asked to idle");
        _core.Clock.RunPending();
        clock.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_link_that_is_unmade_while_its_supplier_comes_up_holds_nobody_and_the_next_one_is_not_left_out()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock", callbacks: Rpm.Slow(resume: 10));
        RuntimePmDevice regulator = _core.AddSuspended("regulator");
        RuntimePmDevice nic = _core.AddSuspended("nic");
        DeviceLink unmade = nic.AddSupplier(clock)!;
        nic.AddSupplier(regulator);
        PendingCall resume = nic.BeginGetSync();

        nic.RemoveSupplier(unmade);
        _core.Advance(10);

        resume.Result.Should().Be(KernelResult.Success);
        (clock.UsageCount, regulator.UsageCount).Should().Be((0, 1));
    }

    [Fact]
    public void A_supplier_that_is_let_go_may_sleep()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock");
        RuntimePmDevice nic = _core.AddActive("nic");
        DeviceLink link = nic.AddSupplier(clock, rpmActive: true)!;
        clock.Status.Should().Be(RuntimeStatus.Active);

        nic.RemoveSupplier(link);
        _core.Clock.RunPending();

        clock.Should().BeEquivalentTo(new { Status = RuntimeStatus.Suspended, UsageCount = 0 });
    }

    // Nobody can wait for them with interrupts disabled.
    [Fact]
    public void An_irq_safe_device_leaves_its_suppliers_alone()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock");
        RuntimePmDevice nic = _core.AddSuspended("nic");
        DeviceLink link = nic.AddSupplier(clock)!;
        nic.SetIrqSafe();

        nic.GetSync().Should().Succeed();
        clock.Should().BeEquivalentTo(new { Status = RuntimeStatus.Suspended, UsageCount = 0 });
        link.RpmActive++;
        clock.GetSync();
        nic.PutSync().Should().Succeed();
        _core.Clock.RunPending();

        (link.RpmActive, clock.UsageCount, clock.Status).Should().Be((2, 1, RuntimeStatus.Active));
    }

    [Fact]
    public void pm_runtime_set_active_holds_the_suppliers_and_pm_runtime_set_suspended_lets_them_sleep()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock");
        RuntimePmDevice nic = _core.AddDevice("nic");
        DeviceLink link = nic.AddSupplier(clock)!;

        nic.SetActive().Should().Succeed();
        _core.Clock.RunPending();
        (link.RpmActive, clock.UsageCount, clock.Status).Should().Be((2, 1, RuntimeStatus.Active));

        nic.SetSuspended().Should().Succeed();
        _core.Clock.RunPending();
        (link.RpmActive, clock.UsageCount, clock.Status).Should().Be((1, 0, RuntimeStatus.Suspended));
    }

    [Fact]
    public void pm_runtime_set_active_below_a_sleeping_parent_lets_the_suppliers_go()
    {
        RuntimePmDevice clock = _core.AddSuspended("clock");
        RuntimePmDevice nic = _core.AddDevice("nic", _core.AddSuspended("port"));
        DeviceLink link = nic.AddSupplier(clock)!;

        nic.SetActive().Errno.Should().Be(Errno.EBUSY);
        _core.Clock.RunPending();

        (link.RpmActive, clock.UsageCount, clock.Status).Should().Be((1, 0, RuntimeStatus.Suspended));
    }

    // CONFIG_PREEMPT_LAZY: rpm_suspend() drops power.lock before it lets the suppliers sleep.
    [Fact]
    public void On_a_preemptible_kernel_who_waited_for_the_suspend_resumes_before_the_suppliers_are_asked_to_idle()
    {
        RuntimePmCore core = new(RuntimePmRules.Linux7_3);
        RuntimePmDevice clock = core.AddSuspended("clock");
        RuntimePmDevice nic = core.AddSuspended("nic", callbacks: Rpm.Slow(suspend: 10));
        nic.AddSupplier(clock);
        nic.Resume();
        nic.BeginSuspend();
        nic.BeginGetSync();
        TraceRecorder recorder = TraceRecorder.Of(core);

        core.Advance(10);

        recorder.Lines.FindIndex(static line => line.StartsWith("rpm_idle clock", StringComparison.Ordinal))
            .Should().BeGreaterThan(recorder.Lines.IndexOf("nic Suspended > Resuming")).And.BePositive();
    }
}

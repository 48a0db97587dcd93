namespace VfioPm.Tests;

/// <summary>A kernel that stops for ever, as that of a guest does that is destroyed.</summary>
public sealed class HaltedKernelTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void No_call_goes_on_and_whoever_asks_is_told_so()
    {
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        PendingCall suspend = nic.BeginSuspend();
        PendingCall resume = nic.BeginResume();

        _core.Halt();
        _core.Advance(1000);

        nic.Status.Should().Be(RuntimeStatus.Suspending);
        _core.Kernel.Threads.Should().BeEmpty();
        _core.Kernel.Waiters.Should().Be(0);
        foreach (PendingCall call in new[] { suspend, resume })
        {
            (call.IsCompleted, call.WaitsFor).Should().Be((true, null));
            call.Thread.Stack.Should().BeEmpty();
            call.Invoking(static it => it.Result).Should().Throw<InvalidOperationException>()
                .WithMessage("The call threw: The kernel stopped in the middle of a call: nic.");
        }
    }

    [Fact]
    public void Who_waits_for_his_call_is_told_that_it_never_returns()
    {
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        using ITimer timer = _core.Clock.CreateTimer(_ => _core.Halt(), null, TimeSpan.FromMilliseconds(50), Timeout.InfiniteTimeSpan);

        nic.Invoking(static device => device.Suspend()).Should().Throw<InvalidOperationException>()
            .WithMessage("The kernel stopped in the middle of a call: nic.");

        nic.Status.Should().Be(RuntimeStatus.Suspending);
    }

    [Fact]
    public void Nothing_that_is_pending_happens()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        RuntimePmDevice disk = _core.AddActive("disk");
        nic.RequestIdle();
        disk.ScheduleSuspend(50);

        _core.Halt();

        _core.Clock.Pending.Should().BeEmpty();
        _core.Advance(100);
        (nic.Status, disk.Status).Should().Be((RuntimeStatus.Active, RuntimeStatus.Active));
    }
}

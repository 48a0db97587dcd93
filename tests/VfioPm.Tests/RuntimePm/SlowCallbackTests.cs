namespace VfioPm.Tests;

/// <summary>Callbacks that sleep, and what was asked for meanwhile.</summary>
public sealed class SlowCallbackTests
{
    private readonly RuntimePmCore _core = new();

    [Theory]
    [InlineData(RuntimePmCallback.Suspend)]
    [InlineData(RuntimePmCallback.Resume)]
    [InlineData(RuntimePmCallback.Idle)]
    public void A_callback_that_sleeps_twice_goes_on_each_time(RuntimePmCallback callback)
    {
        SleepyCallbacks callbacks = new();
        RuntimePmDevice device = callback == RuntimePmCallback.Resume
            ? _core.AddSuspended("nic", callbacks: callbacks)
            : _core.AddActive("nic", callbacks: callbacks);

        PendingCall call = callback switch
        {
            RuntimePmCallback.Suspend => device.BeginSuspend(),
            RuntimePmCallback.Resume => device.BeginResume(),
            _ => device.BeginIdle(),
        };

        _core.Clock.Pending.Should().ContainSingle().Which.What.Should().Be("nic: SleepyCallbacks.Invoke goes on");
        _core.Advance(1);
        call.IsCompleted.Should().BeFalse();
        _core.Advance(1);
        callbacks.Seen.Take(3).Should().Equal((callback, 0), (callback, 1), (callback, 2));
    }

    [Fact]
    public void One_that_throws_after_it_slept_throws_out_of_the_call_and_leaves_the_device_awake()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: new DriverCallbacks
        {
            SuspendTime = TimeSpan.FromMilliseconds(10),
            Suspend = static _ => throw new NotImplementedException(),
        });

        device.Invoking(static nic => nic.Suspend()).Should().Throw<NotImplementedException>();

        (device.Status, device.RuntimeError).Should().Be((RuntimeStatus.Active, KernelResult.Success));
        _core.Kernel.Threads.Should().BeEmpty();
    }

    [Fact]
    public void A_failed_resume_takes_back_what_was_scheduled_meanwhile()
    {
        RuntimePmDevice device = _core.AddSuspended("nic", callbacks: new DriverCallbacks
        {
            ResumeTime = TimeSpan.FromMilliseconds(10),
            Resume = static _ => Errno.EIO,
        });
        PendingCall resume = device.BeginResume();
        device.ScheduleSuspend(1000).Should().Be(KernelResult.Success);

        _core.Advance(10);

        resume.Result!.Value.Errno.Should().Be(Errno.EIO);
        device.TimerExpires.Should().BeNull();
        _core.Clock.Pending.Should().BeEmpty();
    }

    [Theory]
    [InlineData(Errno.EIO, false)]
    [InlineData(Errno.EBUSY, true)]
    public void A_failed_suspend_takes_back_what_was_scheduled_meanwhile_unless_it_was_busy(Errno error, bool isKept)
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: new DriverCallbacks
        {
            SuspendTime = TimeSpan.FromMilliseconds(10),
            Suspend = _ => error,
        });
        PendingCall suspend = device.BeginSuspend();
        device.ScheduleSuspend(1000).Should().Be(KernelResult.Success);

        _core.Advance(10);

        suspend.Result!.Value.Errno.Should().Be(error);
        (device.TimerExpires is not null).Should().Be(isKept);
    }

    [Fact]
    public void Who_waits_for_a_suspend_goes_on_when_it_fails()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: new DriverCallbacks
        {
            SuspendTime = TimeSpan.FromMilliseconds(10),
            Suspend = static _ => Errno.EBUSY,
        });
        device.BeginSuspend();
        PendingCall resume = device.BeginGetSync();

        _core.Advance(10);

        resume.Result!.Value.Value.Should().Be(1);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void A_woken_caller_comes_before_a_callback_unless_interrupts_are_disabled(bool isIrqSafe, bool isRefused)
    {
        RuntimePmCore core = new(RuntimePmRules.Linux7_3);
        RuntimePmDevice device = core.AddActive("nic", callbacks: Rpm.Slow(suspend: 10));
        if (isIrqSafe)
        {
            device.SetIrqSafe();
        }

        device.BeginSuspend();
        PendingCall second = device.BeginSuspend();
        device.RequestResume().Should().Be(KernelResult.Success, "it is deferred to the end of the suspend");

        core.Advance(20);

        (second.Result?.Errno == Errno.EAGAIN).Should().Be(isRefused, "it finds the device resuming");
    }

    [Fact]
    public void Who_says_which_callbacks_there_are_and_throws_has_none()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: new ThrowingCallbacks());

        device.Invoking(static nic => nic.Suspend()).Should().Throw<NotImplementedException>();

        device.Status.Should().Be(RuntimeStatus.Suspended, "there was nothing to call");
        device.Callbacks.HasSystemSleep.Should().BeFalse();
    }

    private sealed class ThrowingCallbacks : RuntimePmCallbacks
    {
        public override bool Has(RuntimePmCallback callback) => throw new NotImplementedException();

        public override KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device) => -Errno.EIO;
    }

    private sealed class SleepyCallbacks : RuntimePmCallbacks
    {
        private const int Sleeps = 2;

        public List<(RuntimePmCallback Callback, int Slept)> Seen { get; } = [];

        public override bool Has(RuntimePmCallback callback) => true;

        public override async KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
        {
            for (int slept = 0; slept < Sleeps; slept++)
            {
                Seen.Add((callback, slept));
                await device.Core.Kernel.Sleep(TimeSpan.FromMilliseconds(1));
            }

            Seen.Add((callback, Sleeps));
            return 0;
        }
    }

    /// <summary>The function that was looked for was there no longer when its time had passed.</summary>
    [Fact]
    public void Callbacks_may_be_taken_away_while_one_of_them_sleeps()
    {
        RuntimePmDevice nic = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
        PendingCall suspend = nic.BeginSuspend();
        nic.Callbacks = new DriverCallbacks();

        _core.Advance(100);

        suspend.Result.Should().Be(KernelResult.Success);
        nic.Status.Should().Be(RuntimeStatus.Suspended);
    }
}

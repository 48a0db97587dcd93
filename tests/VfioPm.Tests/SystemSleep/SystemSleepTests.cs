namespace VfioPm.Tests;

/// <summary>A sleep of the whole machine: what time does, how far it goes, and what wakes it.</summary>
public sealed class SystemSleepTests
{
    private static readonly TimeSpan Night = TimeSpan.FromHours(8);

    private readonly Machine _machine = new(KernelProfile.Linux6_12);

    private SimulatedHost Host => _machine.Host;

    private SystemSleep Sleep => Host.SystemSleep;

    [Theory]
    [InlineData(SystemSleepState.S2Idle)]
    [InlineData(SystemSleepState.Mem)]
    public void The_clock_stands_still_while_the_machine_sleeps_and_the_world_goes_on(SystemSleepState state)
    {
        TimeSpan before = Host.Clock.Now;
        DateTimeOffset day = Host.Clock.GetUtcNow();

        Sleep.Suspend(state, Night).Should().Be(KernelResult.Success);

        Host.Clock.TimeAsleep.Should().Be(Night);
        (Host.Clock.Now - before).Should().BeLessThan(TimeSpan.FromSeconds(1));
        (Host.Clock.GetUtcNow() - day).Should().BeCloseTo(Night, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void A_timer_that_had_a_second_to_go_has_a_second_to_go_afterwards()
    {
        var rang = new List<TimeSpan>();
        using ITimer timer = Host.Clock.CreateTimer(
            _ => rang.Add(Host.Clock.Now), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);

        Sleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);
        rang.Should().BeEmpty();

        Host.Clock.Advance(TimeSpan.FromSeconds(1));
        rang.Should().Equal(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Time_that_passes_meanwhile_passes_outside_up_to_the_alarm()
    {
        Host.Clock.Advance(TimeSpan.FromHours(1));
        PendingCall sleep = Sleep.BeginSuspend(SystemSleepState.S2Idle, Night);
        Host.Clock.Advance(TimeSpan.FromHours(3));
        Sleep.IsAsleep.Should().BeTrue();
        TimeSpan asleepAt = Host.Clock.Now;

        Host.Clock.Advance(TimeSpan.FromHours(3));
        Host.Clock.Now.Should().Be(asleepAt);

        Host.Clock.Advance(TimeSpan.FromHours(3));
        sleep.Result.Should().Be(KernelResult.Success);
        Host.Clock.TimeAsleep.Should().Be(Night);
        Host.Clock.Now.Should().BeCloseTo(TimeSpan.FromHours(2), TimeSpan.FromMinutes(1), "ten hours, of which it slept eight");
    }

    [Fact]
    public void Waiting_for_a_condition_waits_for_the_machine_too()
    {
        PendingCall sleep = Sleep.BeginSuspend(SystemSleepState.S2Idle, Night);
        Host.Clock.AdvanceUntil(() => sleep.IsCompleted, TimeSpan.FromHours(9)).Should().BeTrue();
        Host.Clock.TimeAsleep.Should().Be(Night);

        _ = Sleep.BeginSuspend(SystemSleepState.S2Idle);
        Host.Clock.AdvanceUntil(() => !Sleep.IsAsleep && Sleep.Target is null, TimeSpan.FromHours(9)).Should().BeFalse();
        Sleep.IsAsleep.Should().BeTrue();
    }

    [Fact]
    public void The_power_button_wakes_it()
    {
        PendingCall sleep = Sleep.BeginSuspend(SystemSleepState.Mem);
        Host.Clock.Advance(TimeSpan.FromDays(1));
        Sleep.IsAsleep.Should().BeTrue();

        Sleep.Wake();
        Host.Clock.Advance(TimeSpan.FromSeconds(2));

        sleep.Result.Should().Be(KernelResult.Success);
    }

    [Fact]
    public void A_sleep_that_nothing_ends_is_told() => Sleep.Invoking(static sleep => sleep.Suspend(SystemSleepState.Mem))
        .Should().Throw<SimulationDeadlockException>().WithMessage("*waits for somebody who wakes the machine*");

    /// <summary>A worker is frozen, and a test's timer comes again and again: neither gives the lock back.</summary>
    [Fact]
    public void A_sleep_that_waits_for_a_lock_for_ever_is_told_whatever_is_held_and_comes_again()
    {
        RuntimePmDevice codec = Host.RuntimePm.AddDevice("codec", callbacks: new DriverCallbacks
        {
            SystemSleep = (device, phase) => phase == SleepPhase.Suspend && _machine.Nic.TryLock() ? device.RequestResume() : KernelResult.Success,
        });
        codec.Enable();
        using ITimer timer = Host.Clock.CreateTimer(
            static _ => { }, null, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100));

        Sleep.Invoking(static sleep => sleep.Suspend(SystemSleepState.Mem))
            .Should().Throw<SimulationDeadlockException>().WithMessage("*waits for device_lock of 0000:01:00.0*");

        codec.RequestPending.Should().BeTrue("its worker waits for the thaw");
    }

    [Theory]
    [InlineData(SystemSleepState.S2Idle, null)]
    [InlineData(SystemSleepState.Mem, Errno.EBUSY)]
    public void Who_presses_the_button_before_it_sleeps_keeps_it_awake(SystemSleepState state, Errno? error)
    {
        var driver = new ScriptedDriver
        {
            OnSystemSleep = (device, phase) =>
            {
                if (phase == SleepPhase.SuspendNoirq)
                {
                    Sleep.Wake();
                }

                return 0;
            },
        };
        Host.Drivers.Register(driver);
        _machine.Nic.Bind(driver);

        Sleep.Suspend(state).Errno.Should().Be(error);
        Host.Clock.TimeAsleep.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void A_second_sleep_at_once_is_refused()
    {
        var driver = new ScriptedDriver
        {
            OnSystemSleep = (device, phase) =>
            {
                if (phase == SleepPhase.Suspend)
                {
                    Sleep.Suspend(SystemSleepState.S2Idle).Errno.Should().Be(Errno.EBUSY);
                }

                return 0;
            },
        };
        Host.Drivers.Register(driver);
        _machine.Nic.Bind(driver);

        Sleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);
    }

    [Theory]
    [InlineData(SleepTest.Freezer)]
    [InlineData(SleepTest.Devices)]
    [InlineData(SleepTest.Platform)]
    public void A_test_takes_five_seconds_and_nothing_has_to_wake_the_machine(SleepTest test)
    {
        List<SleepPhase> passed = [];
        Host.RuntimePm.AddDevice("codec", callbacks: Passing(passed)).Enable();
        Sleep.Test = test;
        TimeSpan before = Host.Clock.Now;

        Sleep.Suspend(SystemSleepState.Mem).Should().Be(KernelResult.Success);

        (Host.Clock.Now - before).Should().BeCloseTo(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1));
        Host.Log.ToString().Should().Contain("PM: suspend debug: Waiting for 5 second(s).");
        Host.Clock.TimeAsleep.Should().Be(TimeSpan.Zero);
        passed.Should().Equal(test switch
        {
            SleepTest.Freezer => [],
            SleepTest.Devices => [SleepPhase.Prepare, SleepPhase.Suspend, SleepPhase.Resume, SleepPhase.Complete],
            _ => Enum.GetValues<SleepPhase>(),
        });
    }

    /// <summary><c>suspend.pm_test_delay</c>.</summary>
    [Fact]
    public void A_test_takes_as_long_as_it_is_told_to()
    {
        Sleep.Test = SleepTest.Freezer;
        Sleep.TestDelay = TimeSpan.FromSeconds(2);
        TimeSpan before = Host.Clock.Now;

        Sleep.Suspend(SystemSleepState.Mem).Should().Be(KernelResult.Success);

        (Host.Clock.Now - before).Should().Be(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_guest_stands_still_while_its_machine_goes_to_sleep()
    {
        LinuxGuest guest = Host.Boot(_machine.Open());
        guest.Driver.GoIdle();
        PendingCall sleep = Sleep.BeginSuspend(SystemSleepState.S2Idle, Night);
        guest.Device.RuntimeStatus.Should().Be(RuntimeStatus.Active);

        Host.Clock.Advance(TimeSpan.FromMilliseconds(900));
        Sleep.IsAsleep.Should().BeTrue();
        guest.Device.RuntimeStatus.Should().Be(RuntimeStatus.Active, "its virtual processor is frozen");

        Host.Clock.Advance(Night + TimeSpan.FromSeconds(3));
        sleep.Result.Should().Be(KernelResult.Success);
        guest.Device.RuntimeStatus.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_fork_of_a_sleeping_machine_wakes_by_itself()
    {
        using VfioDeviceFile file = _machine.Open();
        PendingCall sleep = Sleep.BeginSuspend(SystemSleepState.Mem, Night);
        Host.Clock.Advance(TimeSpan.FromHours(1));
        using SimulatedHost copy = Host.Fork();
        copy.ComputeStateHash().Should().Be(Host.ComputeStateHash());

        copy.Clock.Advance(Night);
        copy.SystemSleep.IsAsleep.Should().BeFalse();
        copy.Clock.TimeAsleep.Should().Be(Night);
        copy[Machine.NicAddress].Should().BeIn(PowerState.D0);
        Sleep.IsAsleep.Should().BeTrue();

        Host.Clock.Advance(Night);
        sleep.Result.Should().Be(KernelResult.Success);
        copy.ComputeStateHash().Should().Be(Host.ComputeStateHash());
    }

    /// <summary>Who is refused does not wait until the machine is awake to be told so.</summary>
    [Fact]
    public void What_is_refused_while_the_machine_sleeps_lets_it_sleep()
    {
        VfioDeviceFile file = Host.VfioPci.Devices.Count > 0 ? Host.VfioPci.Devices[0].Open() : Host.VfioPci.Bind(Host[Machine.NicAddress]).Open();
        Sleep.BeginSuspend(SystemSleepState.Mem, TimeSpan.FromHours(1));
        Host.Clock.Advance(TimeSpan.FromMinutes(1));
        Sleep.IsAsleep.Should().BeTrue();
        ulong before = Host.ComputeStateHash();
        const long Beyond = 1L << 40;

        file.Invoking(static f => f.Read(2, Beyond, new byte[4])).Should().Throw<ArgumentOutOfRangeException>();
        file.Invoking(static f => f.Write(2, Beyond, new byte[4])).Should().Throw<ArgumentOutOfRangeException>();
        file.Invoking(static f => f.BeginRead(-1, 0, new UserMemory(4))).Should().Throw<ArgumentOutOfRangeException>();
        file.Invoking(static f => f.BeginWrite(-1, 0, new UserMemory(4))).Should().Throw<ArgumentOutOfRangeException>();

        Host.ComputeStateHash().Should().Be(before);
        Sleep.IsAsleep.Should().BeTrue();
    }

    [Fact]
    public void Misuse_is_told()
    {
        Sleep.Invoking(static sleep => sleep.Suspend((SystemSleepState)7)).Should().Throw<ArgumentOutOfRangeException>();
        Sleep.Invoking(static sleep => sleep.BeginSuspend((SystemSleepState)7)).Should().Throw<ArgumentOutOfRangeException>();
        Sleep.Invoking(static sleep => sleep.TestDelay = TimeSpan.FromTicks(-1)).Should().Throw<ArgumentOutOfRangeException>();
        Sleep.Invoking(static sleep => sleep.Suspend(SystemSleepState.Mem, TimeSpan.FromTicks(-1))).Should().Throw<ArgumentOutOfRangeException>();
        Sleep.Invoking(static sleep => sleep.Alarm = TimeSpan.FromSeconds(-1)).Should().Throw<ArgumentOutOfRangeException>();
        Sleep.Invoking(static sleep => sleep.Suspend(SystemSleepState.Mem, TimeSpan.MaxValue)).Should().Throw<ArgumentOutOfRangeException>();
        Sleep.Invoking(static sleep => sleep.Alarm = TimeSpan.FromDays(4000)).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static DriverCallbacks Passing(List<SleepPhase> passed) => new()
    {
        SystemSleep = (device, phase) =>
        {
            passed.Add(phase);
            return KernelResult.Success;
        },
    };
}

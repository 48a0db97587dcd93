using System.Text.RegularExpressions;

namespace VfioPm.Tests;

/// <summary>Who stands still before the machine sleeps, who is waited for, and how long (<c>kernel/power/process.c</c>).</summary>
public sealed class ProcessFreezerTests
{
    private static readonly TimeSpan Night = TimeSpan.FromHours(8);

    private readonly Machine _machine = new(KernelProfile.Linux6_12);

    private SimulatedHost Host => _machine.Host;

    private SystemSleep Sleep => Host.SystemSleep;

    [Fact]
    public void A_frozen_user_makes_his_call_when_he_is_thawed()
    {
        using VfioDeviceFile file = _machine.Open();
        PendingCall sleep = Sleep.BeginSuspend(SystemSleepState.Mem, Night);
        Host.Clock.Advance(TimeSpan.FromSeconds(1));
        Sleep.IsAsleep.Should().BeTrue();

        file.Config.Read(PciRegisters.VendorId, 2).Should().Be(0x8086u);

        sleep.IsCompleted.Should().BeTrue();
        Host.Clock.TimeAsleep.Should().Be(Night);
    }

    [Fact]
    public void A_frozen_user_cannot_begin_a_call()
    {
        using VfioDeviceFile file = _machine.Open();
        _ = Sleep.BeginSuspend(SystemSleepState.S2Idle, Night);
        Host.Clock.Advance(TimeSpan.FromSeconds(1));

        _machine.Nic.Invoking(static nic => nic.Sysfs.BeginWrite("power/control", "on"))
            .Should().Throw<InvalidOperationException>()
            .WithMessage("User space is frozen, since the machine goes to sleep: nobody can begin a call before it is awake.");
        Host.Clock.Advance(Night);
        _machine.Nic.Sysfs.BeginWrite("power/control", "on").Result.Should().Be(KernelResult.Success, "the refused one has not taken the host along");
    }

    [Fact]
    public void A_frozen_user_whom_nothing_thaws_is_told_so_and_holds_nothing()
    {
        using VfioDeviceFile file = _machine.Open();
        PendingCall sleep = Sleep.BeginSuspend(SystemSleepState.S2Idle);
        Host.Clock.Advance(TimeSpan.FromSeconds(1));

        file.Config.Invoking(static config => config.Read(PciRegisters.VendorId, 2))
            .Should().Throw<SimulationDeadlockException>().WithMessage("Nothing that is pending lets the call go on*");

        Host.Clock.Gate.IsHeldByCurrentThread.Should().BeFalse();
        Sleep.Wake();
        Host.Clock.Advance(TimeSpan.FromSeconds(1));
        sleep.IsCompleted.Should().BeTrue();
        file.Config.Read(PciRegisters.VendorId, 2).Should().Be(0x8086u);
    }

    [Fact]
    public void Who_is_in_the_middle_of_a_call_is_waited_for()
    {
        using VfioDeviceFile file = _machine.Open();
        PendingCall reset = file.BeginReset();
        reset.IsCompleted.Should().BeFalse();

        Sleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);

        reset.Result.Should().Be(KernelResult.Success);
    }

    /// <summary><c>try_to_freeze_tasks()</c> looks again after 1, 2, 4 and then each 8 milliseconds.</summary>
    [Theory]
    [InlineData(4, 7)]
    [InlineData(20, 23)]
    public void Who_ends_his_call_is_found_frozen_a_little_later(int milliseconds, int found)
    {
        RuntimePmDevice disk = Host.RuntimePm.AddActive(
            "disk", callbacks: new DriverCallbacks { SuspendTime = TimeSpan.FromMilliseconds(milliseconds) });
        Host.Clock.Advance(TimeSpan.FromHours(1));
        TimeSpan began = Host.Clock.Now;
        disk.BeginSuspend();
        TimeSpan prepared = TimeSpan.Zero;
        Host.RuntimePm.AddDevice("codec", callbacks: new DriverCallbacks
        {
            SystemSleep = (device, phase) =>
            {
                prepared = phase == SleepPhase.Prepare ? device.Core.Clock.Now : prepared;
                return KernelResult.Success;
            },
        });

        Sleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);

        (prepared - began).Should().Be(TimeSpan.FromMilliseconds(found));
    }

    [Fact]
    public void Who_does_not_end_his_call_within_20_seconds_keeps_the_machine_awake()
    {
        Host.Clock.Advance(TimeSpan.FromMinutes(1));
        Host.RuntimePm.AddActive("disk", callbacks: new DriverCallbacks { SuspendTime = TimeSpan.FromHours(1) }).RequestAutosuspend();
        VfioPciDevice bound = _machine.Bind();
        VfioDeviceFile file = bound.Open();
        PendingCall unbind = _machine.Nic.BeginUnbind();
        TimeSpan before = Host.Clock.Now;

        Sleep.Suspend(SystemSleepState.S2Idle, Night).Errno.Should().Be(Errno.EBUSY);

        (Host.Clock.Now - before).Should().BeCloseTo(TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(100));
        Host.Log.ToString().Should().MatchRegex(@"Freezing user space processes failed after 20\.\d{3} seconds \(1 tasks refusing to freeze, wq_busy=0\):");
        file.Close();
        Host.Clock.Advance(TimeSpan.FromSeconds(1));
        unbind.Result.Should().Be(KernelResult.Success);
    }

    /// <summary><c>try_to_freeze_tasks()</c>, <c>freeze_workqueues_busy()</c>.</summary>
    [Theory]
    [InlineData(10, true)]
    [InlineData(30, false)]
    public void Work_that_is_under_way_is_waited_for_but_no_longer_than_20_seconds(int seconds, bool sleeps)
    {
        RuntimePmDevice disk = Host.RuntimePm.AddActive(
            "disk", callbacks: new DriverCallbacks { SuspendTime = TimeSpan.FromSeconds(seconds) });
        disk.RequestAutosuspend();
        Host.Clock.RunPending();

        Sleep.Suspend(SystemSleepState.S2Idle, Night).Errno.Should().Be(sleeps ? null : Errno.EBUSY);

        Regex.IsMatch(
            Host.Log.ToString(),
            @"Freezing remaining freezable tasks failed after 20\.\d{3} seconds \(0 tasks refusing to freeze, wq_busy=1\):").Should().Be(!sleeps);
    }

    [Fact]
    public void What_is_queued_on_pm_wq_waits_for_the_thaw()
    {
        RuntimeStatus found = RuntimeStatus.Invalid;
        RuntimePmDevice codec = Host.RuntimePm.AddDevice("codec", callbacks: new DriverCallbacks
        {
            SystemSleep = (device, phase) =>
            {
                if (phase == SleepPhase.Suspend)
                {
                    device.RequestResume().Should().Be(KernelResult.Success);
                }
                else if (phase == SleepPhase.Resume)
                {
                    found = device.Status;
                }

                return KernelResult.Success;
            },
        });
        codec.Enable();
        Sleep.Test = SleepTest.Devices;

        Sleep.Suspend(SystemSleepState.S2Idle).Should().Be(KernelResult.Success);

        found.Should().Be(RuntimeStatus.Suspended, "five seconds were enough for any worker");
        Host.Clock.RunPending();
        codec.Status.Should().Be(RuntimeStatus.Suspended, "and went back to sleep, since nobody uses it");
    }
}

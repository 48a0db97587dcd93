namespace VfioPm.Tests;

/// <summary>The phases of system sleep, over devices of any kind (<c>drivers/base/power/main.c</c>).</summary>
public sealed class DevicePmTests : SleepingDevicesTest
{
    private const string All = "bus Prepare, disk Prepare, tape Prepare, ";
    private const string Let = "tape Complete, disk Complete, bus Complete";

    [Fact]
    public void Children_come_first_on_the_way_down_and_last_on_the_way_up()
    {
        RuntimePmDevice bus = Add("bus");
        Add("disk", bus);

        Suspend().Should().Be(KernelResult.Success);

        Passed.Should().Equal(
            "bus Prepare", "disk Prepare",
            "disk Suspend", "bus Suspend",
            "disk SuspendLate", "bus SuspendLate",
            "disk SuspendNoirq", "bus SuspendNoirq",
            "bus ResumeNoirq", "disk ResumeNoirq",
            "bus ResumeEarly", "disk ResumeEarly",
            "bus Resume", "disk Resume",
            "disk Complete", "bus Complete");
    }

    [Fact]
    public void Consumers_come_before_suppliers_that_were_registered_later_and_what_is_above_those()
    {
        RuntimePmDevice consumer = Add("display");
        RuntimePmDevice supplier = Add("backlight", Add("bus", isActive: true), isActive: true);
        consumer.AddSupplier(supplier).Should().NotBeNull();

        Suspend().Should().Be(KernelResult.Success);

        Passed.Where(static step => step.EndsWith(" Suspend", StringComparison.Ordinal)).Should().Equal("display Suspend", "backlight Suspend", "bus Suspend");
    }

    [Theory]
    [InlineData(SleepPhase.Prepare, "bus Prepare, disk Prepare, bus Complete")]
    [InlineData(SleepPhase.Suspend, All + "tape Suspend, disk Suspend, tape Resume, " + Let)]
    [InlineData(
        SleepPhase.SuspendLate,
        All + "tape Suspend, disk Suspend, bus Suspend, tape SuspendLate, disk SuspendLate, "
        + "tape ResumeEarly, bus Resume, disk Resume, tape Resume, " + Let)]
    [InlineData(
        SleepPhase.SuspendNoirq,
        All + "tape Suspend, disk Suspend, bus Suspend, tape SuspendLate, disk SuspendLate, bus SuspendLate, tape SuspendNoirq, disk SuspendNoirq, "
        + "tape ResumeNoirq, bus ResumeEarly, disk ResumeEarly, tape ResumeEarly, bus Resume, disk Resume, tape Resume, " + Let)]
    public void An_error_undoes_what_was_done_and_no_more(SleepPhase phase, string passed)
    {
        foreach (KernelProfile profile in new[] { KernelProfile.Linux6_12, KernelProfile.Linux7_3 })
        {
            using var host = new SimulatedHost(profile);
            Passed.Clear();
            RuntimePmDevice bus = Add("bus", host: host);
            RuntimePmDevice disk = Add("disk", bus, failing: phase, host: host);
            RuntimePmDevice tape = Add("tape", bus, host: host);

            host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Errno.Should().Be(Errno.EIO);

            string.Join(", ", Passed).Should().Be(passed);
            new[] { bus, disk, tape }.Should().AllBeEquivalentTo(new { UsageCount = 0, IsEnabled = true });
            host.Clock.TimeAsleep.Should().Be(TimeSpan.Zero);
        }
    }

    [Theory]
    [InlineData(SleepPhase.Prepare, "disk: not prepared for power transition: code -5")]
    [InlineData(SleepPhase.Suspend, "disk: PM: failed to suspend async: error -5")]
    [InlineData(SleepPhase.Suspend, "PM: Some devices failed to suspend, or early wake event detected")]
    [InlineData(SleepPhase.SuspendLate, "disk: PM: failed to suspend async late: error -5\n")]
    [InlineData(SleepPhase.SuspendLate, "PM: late suspend of devices failed")]
    [InlineData(SleepPhase.SuspendNoirq, "disk: PM: failed to suspend async noirq: error -5\n")]
    [InlineData(SleepPhase.SuspendNoirq, "PM: noirq suspend of devices failed")]
    [InlineData(SleepPhase.Resume, "disk: PM: failed to resume async: error -5")]
    public void An_error_is_in_the_log(SleepPhase phase, string line)
    {
        Add("disk", failing: phase);
        _ = Suspend();
        Host.Log.ToString().Should().Contain(line);
    }

    [Fact]
    public void An_error_on_the_way_up_stops_nobody()
    {
        Add("bus", failing: SleepPhase.ResumeNoirq);
        Add("disk");

        Suspend().Should().Be(KernelResult.Success);

        Passed.Should().Contain("disk ResumeNoirq").And.Contain("bus Complete");
    }

    [Fact]
    public void A_sleep_that_fails_at_once_resumes_nobody_whom_the_last_one_stopped()
    {
        bool fails = false;
        Host.RuntimePm.AddDevice("bus", callbacks: new DriverCallbacks { SystemSleep = (_, _) => fails ? -(int)Errno.EIO : 0 });
        RuntimePmDevice disk = Add("disk");
        Suspend().Should().Be(KernelResult.Success);
        Passed.Clear();
        fails = true;

        Suspend().Errno.Should().Be(Errno.EIO);

        Passed.Should().BeEmpty();
        disk.Should().BeEquivalentTo(new { UsageCount = 0, IsEnabled = true });
    }

    [Fact]
    public void Prepare_that_says_again_is_asked_again()
    {
        int asked = 0;
        RuntimePmDevice disk = Host.RuntimePm.AddDevice("disk", callbacks: new DriverCallbacks
        {
            SystemSleep = (_, phase) => phase == SleepPhase.Prepare && asked++ == 0 ? -(int)Errno.EAGAIN : 0,
        });

        Suspend().Should().Be(KernelResult.Success);

        asked.Should().Be(2);
        disk.UsageCount.Should().Be(0);
    }

    [Fact]
    public void Who_is_runtime_suspended_and_says_so_is_left_alone()
    {
        RuntimePmDevice disk = Add("disk", answer: 1);

        Suspend().Should().Be(KernelResult.Success);

        Passed.Should().Equal("disk Prepare", "disk Complete");
        disk.Should().BeEquivalentTo(new { Status = RuntimeStatus.Suspended, IsEnabled = true, UsageCount = 0 });
    }

    [Theory]
    [InlineData(true, false, "in use")]
    [InlineData(false, true, "a child that is not left alone")]
    public void Who_cannot_be_left_alone_passes_through_all_phases(bool isActive, bool hasChild, string because)
    {
        RuntimePmDevice bus = Add("bus", answer: 1, isActive: isActive);
        if (hasChild)
        {
            Add("disk", bus);
        }

        Suspend().Should().Be(KernelResult.Success);

        Passed.Should().Contain("bus SuspendNoirq", because);
    }

    [Fact]
    public void Without_callbacks_a_suspended_device_stays_as_it_is_and_its_runtime_PM_is_off_meanwhile()
    {
        RuntimePmDevice plain = Host.RuntimePm.AddDevice("plain");
        plain.Enable();
        PendingCall sleep = Host.SystemSleep.BeginSuspend(SystemSleepState.S2Idle, Night);
        Host.Clock.Advance(TimeSpan.FromSeconds(1));

        plain.IsEnabled.Should().BeFalse();
        Host.Clock.Advance(Night);
        sleep.Result.Should().Be(KernelResult.Success);
        plain.IsEnabled.Should().BeTrue();
    }

    [Theory]
    [InlineData(SleepPhase.Prepare)]
    [InlineData(SleepPhase.Suspend)]
    [InlineData(SleepPhase.SuspendLate)]
    [InlineData(SleepPhase.SuspendNoirq)]
    [InlineData(SleepPhase.ResumeNoirq)]
    [InlineData(SleepPhase.ResumeEarly)]
    [InlineData(SleepPhase.Resume)]
    public void Who_is_removed_passes_through_no_more_phases(SleepPhase last)
    {
        RuntimePmDevice? disk = null;
        DriverCallbacks removing = new()
        {
            SystemSleep = (remover, phase) =>
            {
                if (phase == last && remover.Core.Devices.Contains(disk) && Passed.Contains($"disk {phase}"))
                {
                    remover.Core.RemoveDevice(disk!);
                }

                return KernelResult.Success;
            },
        };
        Host.RuntimePm.AddDevice("before", callbacks: removing).Enable();
        disk = Add("disk");
        Host.RuntimePm.AddDevice("behind", callbacks: removing).Enable();

        Suspend().Should().Be(KernelResult.Success);

        Passed.Should().HaveCount(1 + (int)last).And.EndWith($"disk {last}");
    }

    /// <summary><c>pm_runtime_barrier()</c> in <c>device_suspend()</c>.</summary>
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void A_resume_that_is_asked_for_before_a_device_is_stopped_is_carried_out(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        RuntimeStatus found = RuntimeStatus.Invalid;
        RuntimePmDevice disk = host.RuntimePm.AddDevice("disk", callbacks: new DriverCallbacks
        {
            SystemSleep = (device, phase) =>
            {
                found = phase == SleepPhase.Suspend ? device.Status : found;
                return phase == SleepPhase.Prepare ? device.RequestResume() : KernelResult.Success;
            },
        });
        disk.Enable();

        host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);

        found.Should().Be(RuntimeStatus.Active);
    }

    [Theory]
    [InlineData("linux-6.12", RuntimeStatus.Suspended)]
    [InlineData("linux-7.3", RuntimeStatus.Active)]
    public void A_resume_that_is_asked_for_on_the_way_down_is_given_up_or_carried_out(string profile, RuntimeStatus status)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        RuntimeStatus found = RuntimeStatus.Invalid;
        RuntimePmDevice disk = host.RuntimePm.AddDevice("disk", callbacks: new DriverCallbacks
        {
            SystemSleep = (device, phase) =>
            {
                if (phase == SleepPhase.Suspend)
                {
                    _ = device.RequestResume();
                }
                else if (phase == SleepPhase.SuspendLate)
                {
                    found = device.Status;
                }

                return KernelResult.Success;
            },
        });
        disk.Enable();

        host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);

        found.Should().Be(status);
    }

    [Fact]
    public void What_a_callback_throws_comes_out_at_the_end_and_the_machine_is_awake()
    {
        RuntimePmDevice disk = Host.RuntimePm.AddDevice("disk", callbacks: new DriverCallbacks
        {
            SystemSleep = static (_, phase) => phase == SleepPhase.SuspendLate ? throw new InvalidDataException("mine") : 0,
        });
        disk.Enable();

        FluentActions.Invoking(() => Suspend()).Should().Throw<InvalidDataException>().WithMessage("mine");

        Host.SystemSleep.Target.Should().BeNull();
        disk.Should().BeEquivalentTo(new { UsageCount = 0, IsEnabled = true });
    }
}

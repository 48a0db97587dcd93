namespace VfioPm.Tests;

/// <summary>The phases of system sleep, over devices of any kind (<c>drivers/base/power/main.c</c>).</summary>
public sealed class DevicePmTests : IDisposable
{
    private const string All = "bus Prepare, disk Prepare, tape Prepare, ";
    private const string Let = "tape Complete, disk Complete, bus Complete";

    private static readonly TimeSpan Night = TimeSpan.FromHours(8);

    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12);
    private readonly List<string> _passed = [];

    [Fact]
    public void Children_come_first_on_the_way_down_and_last_on_the_way_up()
    {
        RuntimePmDevice bus = Add("bus");
        Add("disk", bus);

        Suspend().Should().Be(KernelResult.Success);

        _passed.Should().Equal(
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
    public void Consumers_come_before_suppliers_that_were_registered_later()
    {
        RuntimePmDevice consumer = Add("display");
        RuntimePmDevice supplier = Add("backlight", isActive: true);
        consumer.AddSupplier(supplier).Should().NotBeNull();

        Suspend().Should().Be(KernelResult.Success);

        _passed.Where(static step => step.EndsWith(" Suspend", StringComparison.Ordinal)).Should().Equal("display Suspend", "backlight Suspend");
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
            _passed.Clear();
            RuntimePmDevice bus = Add("bus", host: host);
            RuntimePmDevice disk = Add("disk", bus, failing: phase, host: host);
            RuntimePmDevice tape = Add("tape", bus, host: host);

            host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Errno.Should().Be(Errno.EIO);

            string.Join(", ", _passed).Should().Be(passed);
            new[] { bus, disk, tape }.Should().AllBeEquivalentTo(new { UsageCount = 0, IsEnabled = true });
            host.Clock.TimeAsleep.Should().Be(TimeSpan.Zero);
        }
    }

    [Theory]
    [InlineData(SleepPhase.Prepare, "disk: not prepared for power transition: code -5")]
    [InlineData(SleepPhase.Suspend, "disk: PM: failed to suspend async: error -5")]
    [InlineData(SleepPhase.SuspendLate, "disk: PM: failed to suspend async late: error -5\n")]
    [InlineData(SleepPhase.SuspendLate, "PM: late suspend of devices failed")]
    [InlineData(SleepPhase.SuspendNoirq, "disk: PM: failed to suspend async noirq: error -5\n")]
    [InlineData(SleepPhase.SuspendNoirq, "PM: noirq suspend of devices failed")]
    [InlineData(SleepPhase.Resume, "disk: PM: failed to resume async: error -5")]
    public void An_error_is_in_the_log(SleepPhase phase, string line)
    {
        Add("disk", failing: phase);
        _ = Suspend();
        _host.Log.ToString().Should().Contain(line);
    }

    [Fact]
    public void An_error_on_the_way_up_stops_nobody()
    {
        Add("bus", failing: SleepPhase.ResumeNoirq);
        Add("disk");

        Suspend().Should().Be(KernelResult.Success);

        _passed.Should().Contain("disk ResumeNoirq").And.Contain("bus Complete");
    }

    [Fact]
    public void Prepare_that_says_again_is_asked_again()
    {
        int asked = 0;
        RuntimePmDevice disk = _host.RuntimePm.AddDevice("disk", callbacks: new DriverCallbacks
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

        _passed.Should().Equal("disk Prepare", "disk Complete");
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

        _passed.Should().Contain("bus SuspendNoirq", because);
    }

    [Fact]
    public void Without_callbacks_a_suspended_device_stays_as_it_is_and_its_runtime_PM_is_off_meanwhile()
    {
        RuntimePmDevice plain = _host.RuntimePm.AddDevice("plain");
        plain.Enable();
        PendingCall sleep = _host.SystemSleep.BeginSuspend(SystemSleepState.S2Idle, Night);
        _host.Clock.Advance(TimeSpan.FromSeconds(1));

        plain.IsEnabled.Should().BeFalse();
        _host.Clock.Advance(Night);
        sleep.Result.Should().Be(KernelResult.Success);
        plain.IsEnabled.Should().BeTrue();
    }

    [Theory]
    [InlineData("linux-6.1", true)]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", true)]
    [InlineData("linux-6.12", false)]
    public void A_smart_driver_finds_its_device_suspended_and_the_core_says_that_it_is_active_again(string profile, bool isSmart)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        RuntimePmDevice disk = Add("disk", flags: isSmart ? DriverSleepFlags.SmartSuspend : DriverSleepFlags.None, host: host);

        host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);

        string[] phases = isSmart
            ? ["Prepare", "Suspend", "ResumeNoirq", "ResumeEarly", "Resume", "Complete"]
            : Enum.GetNames<SleepPhase>();
        _passed.Should().Equal(phases.Select(static phase => $"disk {phase}"));
        disk.Status.Should().Be(isSmart ? RuntimeStatus.Active : RuntimeStatus.Suspended);
    }

    [Theory]
    [InlineData("linux-6.12", true)]
    [InlineData("linux-7.3", false)]
    public void From_6_15_on_a_device_is_smart_only_if_its_parent_is(string profile, bool skipsLate)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        RuntimePmDevice bus = Add("bus", host: host);
        Add("disk", bus, flags: DriverSleepFlags.SmartSuspend, host: host);

        host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);

        _passed.Contains("disk SuspendLate").Should().Be(!skipsLate);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Who_may_skip_the_resume_does_unless_it_was_in_use(int users, bool resumes)
    {
        RuntimePmDevice disk = Add("disk", flags: DriverSleepFlags.SmartSuspend | DriverSleepFlags.MaySkipResume);
        for (int user = 0; user < users; user++)
        {
            disk.GetNoResume();
        }

        Suspend().Should().Be(KernelResult.Success);

        _passed.Contains("disk ResumeNoirq").Should().Be(resumes);
        disk.Status.Should().Be(resumes ? RuntimeStatus.Active : RuntimeStatus.Suspended);
    }

    [Fact]
    public void Who_was_active_and_skips_the_resume_counts_as_suspended()
    {
        RuntimeStatus found = RuntimeStatus.Invalid;
        _host.RuntimePm.AddActive("disk", callbacks: new DriverCallbacks
        {
            DriverFlags = DriverSleepFlags.MaySkipResume,
            SystemSleep = (device, phase) =>
            {
                found = phase == SleepPhase.Complete ? device.Status : found;
                return KernelResult.Success;
            },
        });

        Suspend().Should().Be(KernelResult.Success);

        found.Should().Be(RuntimeStatus.Suspended);
    }

    /// <summary><c>dpm_superior_set_must_resume()</c>.</summary>
    [Fact]
    public void Whom_one_needs_that_was_in_use_may_not_skip_the_resume()
    {
        const DriverSleepFlags MaySkip = DriverSleepFlags.SmartSuspend | DriverSleepFlags.MaySkipResume;
        RuntimePmDevice clock = Add("clock", flags: MaySkip);
        RuntimePmDevice bus = Add("bus", flags: MaySkip);
        RuntimePmDevice disk = Add("disk", bus, flags: MaySkip);
        disk.AddSupplier(clock, managesRuntimePm: false).Should().NotBeNull();
        Add("tape", flags: MaySkip);
        disk.GetNoResume();

        Suspend().Should().Be(KernelResult.Success);

        _passed.Where(static step => step.EndsWith(" ResumeNoirq", StringComparison.Ordinal))
            .Should().Equal("clock ResumeNoirq", "bus ResumeNoirq", "disk ResumeNoirq");
    }

    [Theory]
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
                if (phase == last && remover.Core.Devices.Contains(disk) && _passed.Contains($"disk {phase}"))
                {
                    remover.Core.RemoveDevice(disk!);
                }

                return KernelResult.Success;
            },
        };
        _host.RuntimePm.AddDevice("before", callbacks: removing).Enable();
        disk = Add("disk");
        _host.RuntimePm.AddDevice("behind", callbacks: removing).Enable();

        Suspend().Should().Be(KernelResult.Success);

        _passed.Should().HaveCount(1 + (int)last).And.EndWith($"disk {last}");
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
        RuntimePmDevice disk = _host.RuntimePm.AddDevice("disk", callbacks: new DriverCallbacks
        {
            SystemSleep = static (_, phase) => phase == SleepPhase.SuspendLate ? throw new InvalidDataException("mine") : 0,
        });
        disk.Enable();

        FluentActions.Invoking(() => Suspend()).Should().Throw<InvalidDataException>().WithMessage("mine");

        _host.SystemSleep.Target.Should().BeNull();
        disk.Should().BeEquivalentTo(new { UsageCount = 0, IsEnabled = true });
    }

    public void Dispose() => _host.Dispose();

    private KernelResult Suspend() => _host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night);

    private RuntimePmDevice Add(
        string name,
        RuntimePmDevice? parent = null,
        SleepPhase? failing = null,
        int answer = 0,
        DriverSleepFlags flags = DriverSleepFlags.None,
        SimulatedHost? host = null,
        bool isActive = false)
    {
        RuntimePmDevice device = (host ?? _host).RuntimePm.AddDevice(name, parent, new DriverCallbacks
        {
            DriverFlags = flags,
            SystemSleep = (device, phase) =>
            {
                _passed.Add($"{device.Name} {phase}");
                return phase == failing ? -(int)Errno.EIO : phase == SleepPhase.Prepare ? answer : 0;
            },
        });
        if (isActive)
        {
            device.SetActive().Should().Be(KernelResult.Success);
        }

        device.Enable();
        return device;
    }
}

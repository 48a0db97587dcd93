namespace VfioPm.Tests;

/// <summary>The phases of system sleep, over devices of any kind (<c>drivers/base/power/main.c</c>).</summary>
public sealed class DevicePmTests : IDisposable
{
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
    [InlineData(SleepPhase.Suspend, "bus Prepare, disk Prepare, disk Suspend, disk Complete, bus Complete")]
    [InlineData(
        SleepPhase.SuspendLate,
        "bus Prepare, disk Prepare, disk Suspend, bus Suspend, disk SuspendLate, bus Resume, disk Resume, disk Complete, bus Complete")]
    [InlineData(
        SleepPhase.SuspendNoirq,
        "bus Prepare, disk Prepare, disk Suspend, bus Suspend, disk SuspendLate, bus SuspendLate, disk SuspendNoirq, "
        + "bus ResumeEarly, disk ResumeEarly, bus Resume, disk Resume, disk Complete, bus Complete")]
    public void An_error_undoes_what_was_done_and_no_more(SleepPhase phase, string passed)
    {
        RuntimePmDevice bus = Add("bus");
        RuntimePmDevice disk = Add("disk", bus, failing: phase);

        Suspend().Errno.Should().Be(Errno.EIO);

        string.Join(", ", _passed).Should().Be(passed);
        bus.Should().BeEquivalentTo(new { UsageCount = 0, IsEnabled = true });
        disk.Should().BeEquivalentTo(new { UsageCount = 0, IsEnabled = true });
        _host.Clock.TimeAsleep.Should().Be(TimeSpan.Zero);
    }

    [Theory]
    [InlineData(SleepPhase.Prepare, "disk: not prepared for power transition: code -5")]
    [InlineData(SleepPhase.Suspend, "disk: PM: failed to suspend async: error -5")]
    [InlineData(SleepPhase.SuspendNoirq, "disk: PM: failed to suspend async noirq: error -5")]
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

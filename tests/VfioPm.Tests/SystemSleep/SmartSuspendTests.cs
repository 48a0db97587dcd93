namespace VfioPm.Tests;

/// <summary>Who is suspended already stays so (<c>DPM_FLAG_SMART_SUSPEND</c>, <c>DPM_FLAG_MAY_SKIP_RESUME</c>).</summary>
public sealed class SmartSuspendTests : SleepingDevicesTest
{
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
        Passed.Should().Equal(phases.Select(static phase => $"disk {phase}"));
        disk.Status.Should().Be(isSmart ? RuntimeStatus.Active : RuntimeStatus.Suspended);
    }

    /// <summary><c>device_prepare_smart_suspend()</c>; before 6.15 nobody else is asked.</summary>
    [Theory]
    [InlineData("linux-6.12", Superior.Plain, true)]
    [InlineData("linux-7.3", Superior.Plain, false)]
    [InlineData("linux-7.3", Superior.Smart, true)]
    [InlineData("linux-7.3", Superior.Indifferent, true)]
    [InlineData("linux-7.3", Superior.NeverEnabled, true)]
    [InlineData("linux-7.3", Superior.DisabledAgain, false)]
    public void From_6_15_on_a_device_is_smart_only_if_whom_it_needs_is(string profile, Superior kind, bool skipsLate)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        RuntimePmDevice bus = AddSuperior(host, "bus", kind);
        bus.SetIgnoreChildren(kind == Superior.Indifferent);
        Add("disk", bus, flags: DriverSleepFlags.SmartSuspend, host: host);
        RuntimePmDevice clock = AddSuperior(host, "clock", kind);
        Add("tape", flags: DriverSleepFlags.SmartSuspend, host: host)
            .AddSupplier(clock, managesRuntimePm: kind != Superior.Indifferent).Should().NotBeNull();

        host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Should().Be(KernelResult.Success);

        Passed.Contains("disk SuspendLate").Should().Be(!skipsLate);
        Passed.Contains("tape SuspendLate").Should().Be(!skipsLate);
    }

    /// <summary><c>device_resume_noirq()</c>: it was not asked to stop, and so not to go on.</summary>
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void A_sleep_that_fails_before_it_comes_to_a_suspended_device_leaves_it_suspended(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        RuntimePmDevice disk = Add("disk", flags: DriverSleepFlags.SmartSuspend, host: host);
        Add("tape", failing: SleepPhase.SuspendNoirq, host: host);

        host.SystemSleep.Suspend(SystemSleepState.S2Idle, Night).Errno.Should().Be(Errno.EIO);

        Passed.Where(static step => step.StartsWith("disk", StringComparison.Ordinal))
            .Should().Equal("disk Prepare", "disk Suspend", "disk Resume", "disk Complete");
        disk.Status.Should().Be(RuntimeStatus.Suspended);
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

        Passed.Contains("disk ResumeNoirq").Should().Be(resumes);
        disk.Status.Should().Be(resumes ? RuntimeStatus.Active : RuntimeStatus.Suspended);
    }

    [Fact]
    public void Who_was_active_and_skips_the_resume_counts_as_suspended()
    {
        RuntimeStatus found = RuntimeStatus.Invalid;
        Host.RuntimePm.AddActive("disk", callbacks: new DriverCallbacks
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

        Passed.Where(static step => step.EndsWith(" ResumeNoirq", StringComparison.Ordinal))
            .Should().Equal("clock ResumeNoirq", "bus ResumeNoirq", "disk ResumeNoirq");
    }

    private RuntimePmDevice AddSuperior(SimulatedHost host, string name, Superior kind)
    {
        if (kind == Superior.NeverEnabled)
        {
            return host.RuntimePm.AddDevice(name);
        }

        RuntimePmDevice device = Add(name, flags: kind == Superior.Smart ? DriverSleepFlags.SmartSuspend : DriverSleepFlags.None, host: host);
        if (kind == Superior.DisabledAgain)
        {
            device.Disable();
        }

        return device;
    }

    /// <summary>What a device depends on.</summary>
    public enum Superior
    {
        /// <summary>Its driver says nothing.</summary>
        Plain,

        /// <summary>Its driver may leave it suspended.</summary>
        Smart,

        /// <summary>Runtime PM takes no account of who depends on it.</summary>
        Indifferent,

        /// <summary>It has no runtime PM.</summary>
        NeverEnabled,

        /// <summary>It had runtime PM.</summary>
        DisabledAgain,
    }
}

namespace VfioPm.Tests;

/// <summary>A subsystem, its devices and its clock.</summary>
public sealed class RuntimePmCoreTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void By_default_it_is_that_of_6_1_at_the_time_of_boot()
    {
        _core.Rules.Should().BeSameAs(RuntimePmRules.Linux6_1);
        _core.Clock.Now.Should().Be(TimeSpan.Zero);
        _core.Devices.Should().BeEmpty();
    }

    [Fact]
    public void Its_timers_run_on_the_clock_of_its_host()
    {
        VirtualClock clock = new(TimeSpan.FromHours(1));
        RuntimePmDevice device = new RuntimePmCore(clock: clock).AddActive("nic");
        device.ScheduleSuspend(10);

        clock.Advance(TimeSpan.FromMilliseconds(10));

        device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void A_device_needs_a_name() =>
        _core.Invoking(static core => core.AddDevice(string.Empty)).Should().Throw<ArgumentException>();

    [Fact]
    public void A_new_device_is_suspended_unused_and_disabled_once()
    {
        // pm_runtime_init()
        RuntimePmDevice device = _core.AddDevice("nic");

        device.Should().BeEquivalentTo(new
        {
            Index = 0,
            Status = RuntimeStatus.Suspended,
            UsageCount = 0,
            ChildCount = 0,
            DisableDepth = 1,
            RuntimeAuto = true,
            LastStatus = RuntimeStatus.Invalid,
        });
        _core.Devices.Should().Equal(device);
    }

    [Fact]
    public void A_fork_has_a_past_in_common_with_the_original_and_another_subsystem_has_none()
    {
        RuntimePmCore fork = _core.Fork();

        (fork.IsKinOf(_core), fork.Fork().IsKinOf(_core), new RuntimePmCore().IsKinOf(_core)).Should().Be((true, true, false));
    }

    [Fact]
    public void A_deadlock_is_over_when_it_was_told()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: new DriverCallbacks
        {
            Suspend = static suspending => suspending.Resume(),
        });
        device.Invoking(static suspended => suspended.Suspend()).Should().Throw<SimulationDeadlockException>();

        _core.Invoking(static core => core.Fork()).Should().NotThrow("no call is in progress any more");
    }
}

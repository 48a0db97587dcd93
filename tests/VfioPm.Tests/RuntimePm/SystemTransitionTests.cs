namespace VfioPm.Tests;

/// <summary>What wakes a machine, or keeps it from falling asleep (<c>drivers/base/power/wakeup.c</c>).</summary>
public sealed class SystemTransitionTests
{
    private readonly RuntimePmCore _core = new();
    private readonly SystemTransition _transition;

    public SystemTransitionTests() => _transition = new SystemTransition(_core.Kernel);

    private static TimeSpan Later => TimeSpan.FromMilliseconds(100);

    [Fact]
    public void An_event_after_those_that_user_space_knows_of_keeps_the_machine_awake()
    {
        _transition.CountEvent();
        _transition.IsWakeupPending.Should().BeFalse("nobody saved the count");
        _transition.SaveEventCount(1).Should().BeTrue();
        _transition.IsWakeupPending.Should().BeFalse();

        _transition.CountEvent();

        _transition.IsWakeupPending.Should().BeTrue();
        _transition.EventCount.Should().Be(2);
    }

    [Fact]
    public void Who_knows_of_too_few_events_is_told_so_and_nothing_is_watched()
    {
        _transition.SaveEventCount(0).Should().BeTrue();
        ulong before = Hash();
        _transition.CountEvent();

        _transition.SaveEventCount(0).Should().BeFalse();

        _transition.IsWakeupPending.Should().BeFalse();
        Hash().Should().NotBe(before);
    }

    [Fact]
    public void An_event_that_is_being_dealt_with_keeps_the_machine_awake_until_it_is_over()
    {
        _transition.SaveEventCount(0).Should().BeTrue();
        _transition.ExtendEvent(_core.Clock.Now + Later);
        _transition.ExtendEvent(_core.Clock.Now);
        (_transition.HasEventInProgress, _transition.IsWakeupPending).Should().Be((true, true));
        _transition.SaveEventCount(0).Should().BeFalse();

        _core.Clock.Advance(Later);

        (_transition.HasEventInProgress, _transition.IsWakeupPending).Should().Be((false, false));
        _transition.SaveEventCount(0).Should().BeTrue();
    }

    [Fact]
    public void Who_waits_for_events_waits_until_the_last_is_over()
    {
        _core.Clock.Advance(Later);
        _transition.ExtendEvent(_core.Clock.Now + Later);
        using KernelEntry entry = KernelEntry.Call(_core.Kernel, "");
        entry.Run(_transition.AwaitEvents());

        _core.Clock.Now.Should().Be(2 * Later);
    }

    [Fact]
    public void Waking_counts_only_while_a_sleep_is_under_way_and_a_new_sleep_forgets_it()
    {
        _transition.WakeUp();
        _transition.IsWakeupPending.Should().BeFalse();

        _transition.Begin(SystemSleepState.Mem);
        _transition.WakeUp();
        (_transition.IsWakeupPending, _transition.Target).Should().Be((true, SystemSleepState.Mem));

        _transition.Begin(SystemSleepState.S2Idle);
        (_transition.IsWakeupPending, _transition.IsWithoutFirmware).Should().Be((false, true));

        _transition.SaveEventCount(0);
        _transition.End();
        _transition.CountEvent();
        (_transition.IsWakeupPending, _transition.Target, _transition.IsWithoutFirmware).Should().Be((false, null, false));
    }

    [Theory]
    [InlineData(SystemSleepState.Mem, true)]
    [InlineData(SystemSleepState.S2Idle, false)]
    public void The_firmware_wakes_the_machine_from_all_but_s2idle(SystemSleepState target, bool viaFirmware)
    {
        _transition.Begin(target);
        PendingCall sleep = BeginSleep(null);
        (_transition.IsAsleep, sleep.WaitsFor).Should().Be((true, "somebody who wakes the machine"));

        _transition.WakeUp();
        _core.Clock.RunPending();

        sleep.IsCompleted.Should().BeTrue();
        (_transition.IsAsleep, _transition.ResumesViaFirmware, _core.Clock.Standstill).Should().Be((false, viaFirmware, null));
        _transition.Begin(target);
        _transition.ResumesViaFirmware.Should().BeFalse();
    }

    [Fact]
    public void The_alarm_wakes_it_when_its_time_has_passed()
    {
        _transition.Begin(SystemSleepState.Mem);
        BeginSleep(Later);

        Pass(Later / 2);
        (_transition.IsAsleep, _transition.UntilAlarm).Should().Be((true, Later / 2));
        Pass(Later / 2);

        (_transition.IsAsleep, _transition.UntilAlarm).Should().Be((false, null));
    }

    [Fact]
    public void All_of_it_counts_for_the_hash_and_is_the_same_in_a_fork()
    {
        List<ulong> hashes = [Hash()];
        _transition.CountEvent();
        Look();
        _transition.SaveEventCount(1);
        Look();
        _transition.ExtendEvent(_core.Clock.Now + Later);
        Look();
        _transition.Begin(SystemSleepState.S2Idle);
        Look();
        _transition.WakeUp();
        Look();
        _transition.Begin(SystemSleepState.Mem);
        Look();
        BeginSleep(Later);
        Look();
        Pass(Later / 2);
        Look();
        Pass(Later / 2);
        Look();
        _core.Clock.RunPending();
        Look();

        void Look()
        {
            hashes.Add(Hash());
            hashes.Should().OnlyHaveUniqueItems();
            HashOf(ForkContext.Copy(_transition)).Should().Be(hashes[^1]);
        }
    }

    [Fact]
    public void Of_which_events_user_space_knows_and_whether_it_said_so_counts_for_the_hash()
    {
        SystemTransition other = new(_core.Kernel);
        _transition.SaveEventCount(0).Should().BeTrue();
        Hash().Should().NotBe(HashOf(other));

        _transition.CountEvent();
        other.CountEvent();
        other.SaveEventCount(1).Should().BeTrue();

        (_transition.IsWakeupPending, other.IsWakeupPending).Should().Be((true, false));
        Hash().Should().NotBe(HashOf(other));
    }

    private static ulong HashOf(SystemTransition transition) => StateHashes.Of(transition.AddTo);

    private static async KernelCall<int> Sleep(SystemTransition transition, TimeSpan? wakeAfter)
    {
        await transition.Sleep(wakeAfter);
        return 0;
    }

    private ulong Hash() => HashOf(_transition);

    private void Pass(TimeSpan time) => ((IStandstill)_transition).Pass(time);

    private PendingCall BeginSleep(TimeSpan? wakeAfter)
    {
        using KernelEntry entry = KernelEntry.Begin(_core.Kernel, "");
        return entry.Start(Sleep(_transition, wakeAfter));
    }
}

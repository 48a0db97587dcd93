namespace VfioPm.Tests;

// A machine that sleeps, and one that is about to.
public sealed partial class VirtualClockTests
{
    [Fact]
    public void Who_waits_for_something_waits_on_when_the_alarm_has_woken_the_machine()
    {
        _clock.Advance(Milliseconds(10));
        Machine machine = new(_clock, alarm: Milliseconds(30));

        _clock.AdvanceUntil(static () => false, Milliseconds(50)).Should().BeFalse();

        machine.IsAsleep.Should().BeFalse();
        (_clock.Now, _clock.TimeAsleep).Should().Be((Milliseconds(30), Milliseconds(30)));
    }

    [Fact]
    public void Who_waits_for_something_while_the_machine_sleeps_waits_no_longer_than_he_said()
    {
        _clock.Advance(Milliseconds(10));
        Machine machine = new(_clock, alarm: null);

        _clock.AdvanceUntil(() => _clock.TimeAsleep == Milliseconds(50), Milliseconds(50)).Should().BeTrue();

        machine.IsAsleep.Should().BeTrue();
        (_clock.Now, _clock.TimeAsleep).Should().Be((Milliseconds(10), Milliseconds(50)));
    }

    [Fact]
    public void A_machine_that_sleeps_has_no_busy_processor()
    {
        _ = new Machine(_clock, alarm: null);
        _clock.Schedule(Milliseconds(5), new Target(this) { Interrupts = true }, 1);

        _clock.Spin(Milliseconds(10));

        (_clock.Now, _clock.TimeAsleep).Should().Be((TimeSpan.Zero, Milliseconds(10)));
        _ran.Should().BeEmpty();
    }

    [Fact]
    public void The_calendar_ends_for_a_machine_that_slept_too()
    {
        VirtualClock clock = new(DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch - Milliseconds(1));
        _ = new Machine(clock, alarm: null);

        clock.Advance(Milliseconds(2));

        clock.GetUtcNow().Should().Be(DateTimeOffset.MaxValue);
    }

    [Fact]
    public void A_clock_goes_to_the_end_of_what_it_can_show_and_what_the_machine_slept_counts()
    {
        TimeSpan end = TimeSpan.MaxValue / 2;
        new VirtualClock(end - Milliseconds(10)).Invoking(static clock => clock.Advance(Milliseconds(10))).Should().NotThrow();
        VirtualClock slept = new(end - Milliseconds(10));
        Machine machine = new(slept, alarm: Milliseconds(4));
        slept.Advance(Milliseconds(4));
        machine.IsAsleep.Should().BeFalse();

        slept.Invoking(static clock => clock.Advance(Milliseconds(7))).Should().Throw<ArgumentOutOfRangeException>();
        slept.Invoking(static clock => clock.Advance(Milliseconds(6))).Should().NotThrow();
    }

    [Fact]
    public void What_is_held_is_none_of_those_that_could_be_next()
    {
        _clock.Freeze(Frozen.Work);
        _clock.Schedule(TimeSpan.Zero, new Target(this) { IsFrozen = true }, 1);
        _clock.RunPending();

        (_clock.CountNext(), _clock.IsAnythingDue).Should().Be((0, false));
        _ran.Should().BeEmpty();
        _clock.Thaw(Frozen.Work);
        _clock.CountNext().Should().Be(1);
    }

    [Fact]
    public void A_timer_of_the_code_under_test_does_not_stand_still_with_users()
    {
        _clock.Freeze(Frozen.Users | Frozen.Work);
        int fired = 0;
        using ITimer timer = _clock.CreateTimer(_ => fired++, null, Milliseconds(1), Timeout.InfiniteTimeSpan);

        _clock.Advance(Milliseconds(1));

        fired.Should().Be(1);
    }

    private sealed class Machine : IStandstill
    {
        private readonly VirtualClock _clock;

        public Machine(VirtualClock clock, TimeSpan? alarm)
        {
            _clock = clock;
            UntilAlarm = alarm;
            clock.Standstill = this;
        }

        public bool IsAsleep => _clock.Standstill == this;

        public TimeSpan? UntilAlarm { get; private set; }

        public void Pass(TimeSpan duration)
        {
            UntilAlarm -= duration;
            if (UntilAlarm == TimeSpan.Zero)
            {
                _clock.Standstill = null;
            }
        }

        public IForkable Fork(ForkContext fork) => throw new NotSupportedException();
    }
}

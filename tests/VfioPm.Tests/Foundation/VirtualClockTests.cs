namespace VfioPm.Tests;

public sealed partial class VirtualClockTests
{
    private readonly VirtualClock _clock = new();
    private readonly List<int> _ran = [];

    [Fact]
    public void Time_stands_still_until_somebody_advances_it()
    {
        _clock.Now.Should().Be(TimeSpan.Zero);

        _clock.Advance(Milliseconds(5));

        _clock.Now.Should().Be(Milliseconds(5));
        _clock.GetElapsedTime(0).Should().Be(Milliseconds(5));
        _clock.GetUtcNow().Should().Be(DateTimeOffset.UnixEpoch + Milliseconds(5));
    }

    [Fact]
    public void A_clock_may_begin_at_any_time_since_boot() =>
        new VirtualClock(Milliseconds(1500)).Now.Should().Be(Milliseconds(1500));

    [Fact]
    public void Events_run_in_order_of_time_and_then_of_scheduling()
    {
        Target target = new(this);
        _clock.Schedule(Milliseconds(20), target, 1);
        _clock.Schedule(Milliseconds(10), target, 2);
        _clock.Schedule(Milliseconds(20), target, 3);

        _clock.Advance(Milliseconds(20));

        _ran.Should().Equal(2, 1, 3);
    }

    [Fact]
    public void A_sleeper_wakes_after_all_else_of_its_moment_and_the_last_to_sleep_first()
    {
        Target target = new(this);
        _clock.ScheduleWakeup(Milliseconds(20), target, 1);
        _clock.ScheduleWakeup(Milliseconds(20), target, 2);
        _clock.Schedule(Milliseconds(20), target, 3);

        _clock.Advance(Milliseconds(20));

        _ran.Should().Equal(3, 2, 1);
    }

    [Fact]
    public void An_event_sees_the_time_that_it_was_due_at()
    {
        TimeSpan seen = default;
        Target target = new(this) { OnRun = _ => seen = _clock.Now };
        _clock.Schedule(Milliseconds(10), target, 1);

        _clock.Advance(Milliseconds(50));

        seen.Should().Be(Milliseconds(10));
        _clock.Now.Should().Be(Milliseconds(50));
    }

    [Fact]
    public void What_an_event_schedules_runs_in_the_same_advance_if_it_is_due()
    {
        Target target = new(this);
        target.OnRun = tag =>
        {
            if (tag == 1)
            {
                _clock.Schedule(_clock.Now, target, 2);
                _clock.Schedule(_clock.Now + Milliseconds(100), target, 3);
            }
        };
        _clock.Schedule(TimeSpan.Zero, target, 1);

        _clock.RunPending();

        _ran.Should().Equal(1, 2);
        _clock.Pending[0].Due.Should().Be(Milliseconds(100));
    }

    [Fact]
    public void While_the_processor_is_busy_only_interrupts_come_through()
    {
        Target timer = new(this) { Interrupts = true };
        Target work = new(this);
        _clock.Schedule(Milliseconds(10), work, 1);
        _clock.Schedule(Milliseconds(20), timer, 2);

        _clock.Spin(Milliseconds(50));

        _ran.Should().Equal(2);
        _clock.Now.Should().Be(Milliseconds(50));

        _clock.RunPending();

        _ran.Should().Equal(2, 1);
        _clock.Now.Should().Be(Milliseconds(50), "what waited does not turn time back");
    }

    [Fact]
    public void An_interrupt_that_is_not_due_does_not_come_through()
    {
        _clock.Schedule(Milliseconds(51), new Target(this) { Interrupts = true }, 1);

        _clock.Spin(Milliseconds(50));

        _ran.Should().BeEmpty();
    }

    [Fact]
    public void Time_does_not_run_backwards()
    {
        _clock.Invoking(static clock => clock.Advance(Milliseconds(-1))).Should().Throw<ArgumentOutOfRangeException>();
        _clock.Invoking(static clock => clock.Spin(Milliseconds(-1))).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void What_was_cancelled_does_not_run()
    {
        Target target = new(this);
        _clock.Schedule(Milliseconds(10), target, 1);
        _clock.Schedule(Milliseconds(10), target, 2);

        _clock.Cancel(target, 1).Should().BeTrue();
        _clock.Cancel(target, 1).Should().BeFalse();
        _clock.Advance(Milliseconds(10));

        _ran.Should().Equal(2);
    }

    [Fact]
    public void What_is_pending_can_be_listed()
    {
        Target target = new(this);
        _clock.Schedule(Milliseconds(20), Milliseconds(25), _clock.MarkMoment(), target, 1);
        _clock.Schedule(Milliseconds(10), target, 2);

        _clock.Pending.Select(static pending => (pending.Due, pending.Latest, pending.What)).Should().Equal(
            (Milliseconds(10), Milliseconds(10), "event 2"),
            (Milliseconds(20), Milliseconds(25), "event 1"));
    }

    [Fact]
    public void The_calendar_ends_before_the_clock_does() =>
        new VirtualClock(TimeSpan.MaxValue / 2).GetUtcNow().Should().Be(DateTimeOffset.MaxValue);

    [Fact]
    public void A_timer_may_be_late_within_its_slack_only()
    {
        Target target = new(this);
        _clock.Schedule(Milliseconds(20), Milliseconds(25), _clock.MarkMoment(), target, 1);
        PendingEvent timer = _clock.Pending[0];

        _clock.Invoking(clock => clock.FireAt(timer, Milliseconds(26))).Should().Throw<ArgumentOutOfRangeException>();
        _clock.Invoking(clock => clock.FireAt(timer, Milliseconds(19))).Should().Throw<ArgumentOutOfRangeException>();
        _clock.FireAt(timer, Milliseconds(20));
        (_clock.Pending[0].Due, _clock.Pending[0].Latest).Should().Be((Milliseconds(20), Milliseconds(25)), "it keeps its place among timers");
        _clock.FireAt(timer, Milliseconds(25));

        _clock.Advance(Milliseconds(24));
        _ran.Should().BeEmpty();
        _clock.Advance(Milliseconds(1));
        _ran.Should().Equal(1);
        _clock.Invoking(clock => clock.FireAt(timer, Milliseconds(25))).Should().Throw<ArgumentException>()
            .WithMessage("event 1 is not pending.*");
    }

    [Fact]
    public void A_sleep_that_may_be_shorter_ends_early_within_that_only_and_when_it_is_told()
    {
        Target target = new(this);
        _clock.ScheduleDelay(Milliseconds(12), Milliseconds(2), isWorkers: true, target, 1);
        PendingEvent sleep = _clock.Pending[0];

        (sleep.Earliest, sleep.Due, sleep.Latest).Should().Be((Milliseconds(10), Milliseconds(12), Milliseconds(12)));
        _clock.Invoking(clock => clock.FireAt(sleep, Milliseconds(9))).Should().Throw<ArgumentOutOfRangeException>();
        _clock.FireAt(sleep, Milliseconds(11));

        _clock.Pending[0].Earliest.Should().Be(Milliseconds(11), "that is decided");
        _clock.Advance(Milliseconds(10));
        _ran.Should().BeEmpty();
        _clock.Advance(Milliseconds(1));
        _ran.Should().Equal(1);
    }

    [Fact]
    public void A_sleep_that_may_be_shorter_is_not_where_nobody_says_so()
    {
        _clock.ScheduleDelay(Milliseconds(12), Milliseconds(2), isWorkers: true, new Target(this), 1);

        _clock.Advance(Milliseconds(11));
        _ran.Should().BeEmpty();
        _clock.Advance(Milliseconds(1));
        _ran.Should().Equal(1);
    }

    [Fact]
    public void Those_could_be_next_whose_time_begins_before_that_of_another_ends()
    {
        Target target = new(this);
        _clock.Schedule(Milliseconds(10), Milliseconds(20), _clock.MarkMoment(), target, 1);
        _clock.Schedule(Milliseconds(15), Milliseconds(16), _clock.MarkMoment(), target, 2);
        _clock.Schedule(Milliseconds(18), Milliseconds(30), _clock.MarkMoment(), target, 3);

        _clock.CountNext().Should().Be(2);
    }

    [Fact]
    public void Those_could_be_next_too_whose_time_begins_when_that_of_another_ends_or_has_passed()
    {
        Target target = new(this);
        _clock.Schedule(Milliseconds(10), Milliseconds(20), _clock.MarkMoment(), target, 1);
        _clock.Schedule(Milliseconds(20), target, 2);
        _clock.Schedule(Milliseconds(50), target, 3);
        _clock.CountNext().Should().Be(2);

        _clock.Spin(Milliseconds(50));

        _clock.CountNext().Should().Be(3);
    }

    [Fact]
    public void A_sleep_does_not_end_in_the_past()
    {
        _clock.ScheduleDelay(Milliseconds(12), Milliseconds(5), isWorkers: true, new Target(this), 1);
        PendingEvent sleep = _clock.Pending[0];

        _clock.Advance(Milliseconds(9));

        _clock.Invoking(clock => clock.FireAt(sleep, Milliseconds(8))).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void A_fork_has_the_time_and_the_events_of_the_original_and_goes_its_own_way()
    {
        Target target = new(this);
        _clock.Advance(Milliseconds(3));
        _clock.Schedule(Milliseconds(10), target, 1);

        VirtualClock fork = new ForkContext().Of(_clock);
        HashOf(fork).Should().Be(HashOf(_clock));
        fork.Advance(Milliseconds(7));

        fork.Pending.Should().BeEmpty();
        _clock.Pending.Should().ContainSingle();
        _clock.Now.Should().Be(Milliseconds(3));
        HashOf(fork).Should().NotBe(HashOf(_clock));
    }

    [Fact]
    public void Clocks_that_have_the_same_order_pending_are_the_same_state()
    {
        VirtualClock other = new();
        Target target = new(this);
        other.Schedule(Milliseconds(10), target, 7);
        other.Cancel(target, 7);
        _clock.Schedule(Milliseconds(10), target, 1);
        other.Schedule(Milliseconds(10), target, 1);

        HashOf(other).Should().Be(HashOf(_clock));
    }

    [Fact]
    public void A_moment_is_over_when_time_passes_and_not_before()
    {
        MomentLog log = new(_clock);
        _clock.Moments.Add(log);
        Target target = new(this);
        _clock.Schedule(Milliseconds(10), target, 1);
        _clock.Schedule(Milliseconds(10), target, 2);

        _clock.RunPending();
        _clock.Advance(Milliseconds(30));
        _clock.Spin(Milliseconds(5));
        _clock.TryPass(Milliseconds(50)).Should().BeFalse("nobody lets time pass now");

        log.Over.Should().Equal(TimeSpan.Zero, Milliseconds(10), Milliseconds(30));
    }

    [Fact]
    public void A_cause_holds_until_the_end_of_its_scope_and_then_the_outer_one_does()
    {
        using (_clock.Because("open", "nic"))
        {
            using (_clock.Because("reset", "disk"))
            {
                _clock.Cause.Should().Be(new Cause("reset", "disk"));
            }

            _clock.Cause.Should().Be(new Cause("open", "nic"));
        }

        _clock.Cause.Should().BeNull();
    }

    [Fact]
    public void What_says_nothing_of_itself_is_done_in_turn_by_a_worker_that_nobody_freezes()
    {
        IEventTarget plain = new PlainTarget();

        (plain.TakesTurns(0), plain.IsRealTime(0), plain.IsInterrupt(0), plain.IsHeld(0), plain.IsRecurring(0), plain.IsPeriodic(0), plain.IsForked)
            .Should().Be((true, false, false, false, false, false, true));
    }

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);

    private static ulong HashOf(VirtualClock clock) => StateHashes.Of(clock.AddTo);

    private sealed class PlainTarget : IEventTarget
    {
        public int Index => 0;

        public void Run(int tag)
        {
        }

        public Cause Describe(int tag) => new("nothing");

        public IForkable Fork(ForkContext fork) => new PlainTarget();
    }

    private sealed class MomentLog(VirtualClock clock) : IMomentListener
    {
        public List<TimeSpan> Over { get; } = [];

        public void OnMomentOver() => Over.Add(clock.Now);

        public IForkable Fork(ForkContext fork) => new MomentLog(fork.Of(clock));
    }

    private sealed class Target(VirtualClockTests test) : IEventTarget
    {
        public int Index => 0;

        public bool Interrupts { get; init; }

        public bool IsFrozen { get; init; }

        public Action<int>? OnRun { get; set; }

        public void Run(int tag)
        {
            test._ran.Add(tag);
            OnRun?.Invoke(tag);
        }

        public bool IsInterrupt(int tag) => Interrupts;

        public bool IsHeld(int tag) => IsFrozen;

        public Cause Describe(int tag) => new($"event {tag}");

        public IForkable Fork(ForkContext fork) => new Target(test);
    }

    [Fact]
    public void Times_that_there_are_not_are_refused_by_the_name_of_the_argument_and_change_nothing()
    {
        var clock = new VirtualClock(TimeSpan.FromSeconds(1));
        TimeSpan[] none = [TimeSpan.FromTicks(-1), TimeSpan.MinValue, TimeSpan.MaxValue, TimeSpan.MaxValue / 2];

        none.Should().AllSatisfy(time =>
        {
            FluentActions.Invoking(() => clock.Advance(time)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("duration");
            FluentActions.Invoking(() => clock.Spin(time)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("duration");
            FluentActions.Invoking(() => clock.AdvanceUntil(static () => true, time))
                .Should().Throw<ArgumentOutOfRangeException>().WithParameterName("within");
            FluentActions.Invoking(() => clock.CreateTimer(static _ => { }, null, time, Timeout.InfiniteTimeSpan))
                .Should().Throw<ArgumentOutOfRangeException>().WithParameterName("dueTime");
            FluentActions.Invoking(() => clock.CreateTimer(static _ => { }, null, TimeSpan.Zero, time))
                .Should().Throw<ArgumentOutOfRangeException>().WithParameterName("period");
        });
        FluentActions.Invoking(() => new VirtualClock(TimeSpan.MaxValue)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("sinceBoot");
        FluentActions.Invoking(() => new VirtualClock(TimeSpan.MinValue)).Should().Throw<ArgumentOutOfRangeException>().WithParameterName("sinceBoot");

        clock.Now.Should().Be(TimeSpan.FromSeconds(1));
        clock.Pending.Should().BeEmpty();
    }
}

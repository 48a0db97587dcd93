namespace VfioPm.Tests;

// Sleeps that may be over before they are due.
public sealed partial class VirtualClockTests
{
    /// <summary><c>hrtimer_interrupt()</c>, <c>__hrtimer_run_queues()</c>: who began to sleep a little later wakes with the first.</summary>
    [Fact]
    public void A_sleep_that_may_be_over_ends_with_another_timer()
    {
        Target target = new(this);
        _clock.ScheduleDelay(Milliseconds(12), Milliseconds(2), isWorkers: false, target, 1);
        _clock.ScheduleDelay(Milliseconds(14), Milliseconds(2), isWorkers: true, target, 2);
        _clock.ScheduleDelay(Milliseconds(15), Milliseconds(2), isWorkers: true, target, 3);

        _clock.Advance(Milliseconds(12));

        _ran.Should().Equal([2, 1], "a worker goes on before a caller, and the third may not be over");
        _clock.Pending.Should().ContainSingle().Which.Due.Should().Be(Milliseconds(15));
    }

    [Fact]
    public void A_sleep_that_may_be_over_does_not_end_because_somebody_looks()
    {
        _clock.ScheduleDelay(Milliseconds(12), Milliseconds(2), isWorkers: true, new Target(this), 1);

        _clock.Advance(Milliseconds(11));
        _clock.RunPending();

        _ran.Should().BeEmpty();
    }

    [Fact]
    public void A_sleep_that_may_be_over_does_not_end_with_work_which_interrupts_nothing()
    {
        Target target = new(this);
        _clock.ScheduleDelay(Milliseconds(12), Milliseconds(2), isWorkers: true, target, 1);
        _clock.Advance(Milliseconds(11));
        _clock.Schedule(Milliseconds(11), target, 2);

        _clock.RunPending();

        _ran.Should().Equal(2);
    }

    [Fact]
    public void A_sleep_that_may_be_over_ends_with_one_of_several_that_somebody_chooses()
    {
        Target target = new(this);
        _clock.Schedule(Milliseconds(11), Milliseconds(13), _clock.MarkMoment(), target, 1);
        _clock.ScheduleDelay(Milliseconds(12), Milliseconds(2), isWorkers: true, target, 2);

        _clock.RunNext(0);

        _ran.Should().Equal(1);
        _clock.Pending.Should().ContainSingle().Which.Due.Should().Be(Milliseconds(11));
    }
}

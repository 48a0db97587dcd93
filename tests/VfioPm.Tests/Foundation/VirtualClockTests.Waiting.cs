namespace VfioPm.Tests;

// Waiting for something to come true.
public sealed partial class VirtualClockTests
{
    [Fact]
    public void Waiting_ends_with_the_event_that_brings_it_about()
    {
        Target target = new(this);
        _clock.Schedule(Milliseconds(10), target, 1);
        _clock.Schedule(Milliseconds(20), target, 2);
        _clock.Schedule(Milliseconds(20), target, 3);

        _clock.AdvanceUntil(() => _ran.Contains(2), Milliseconds(50)).Should().BeTrue();

        _clock.Now.Should().Be(Milliseconds(20));
        _ran.Should().Equal(1, 2);
        _clock.AdvanceUntil(() => _ran.Contains(3), TimeSpan.Zero).Should().BeTrue();
    }

    [Fact]
    public void Waiting_ends_with_the_event_also_where_that_comes_at_the_last_moment()
    {
        Target target = new(this);
        _clock.Schedule(Milliseconds(20), target, 1);
        _clock.Schedule(Milliseconds(20), target, 2);

        _clock.AdvanceUntil(() => _ran.Contains(1), Milliseconds(20)).Should().BeTrue();

        _ran.Should().Equal(1);
    }

    [Fact]
    public void Waiting_for_what_does_not_come_takes_all_the_time_and_runs_no_event_beyond()
    {
        Target target = new(this);
        _clock.Schedule(Milliseconds(50), target, 1);
        _clock.Schedule(Milliseconds(51), target, 2);

        _clock.AdvanceUntil(() => _ran.Contains(2), Milliseconds(50)).Should().BeFalse();

        _clock.Now.Should().Be(Milliseconds(50));
        _ran.Should().Equal(1);
    }

    [Fact]
    public void What_an_event_brings_about_after_the_time_is_up_came_too_late()
    {
        Target target = new(this) { OnRun = _ => _clock.Advance(Milliseconds(30)) };
        _clock.Schedule(Milliseconds(40), target, 1);

        _clock.AdvanceUntil(() => _clock.Now == Milliseconds(70), Milliseconds(50)).Should().BeFalse();
    }
}

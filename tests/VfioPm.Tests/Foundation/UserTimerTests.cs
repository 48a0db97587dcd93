namespace VfioPm.Tests;

/// <summary>The clock as the <see cref="TimeProvider"/> of code under test.</summary>
public sealed class UserTimerTests
{
    private readonly VirtualClock _clock = new();
    private int _fired;

    [Fact]
    public void A_timer_fires_once_when_it_is_due()
    {
        using ITimer timer = Create(due: 10, period: Timeout.Infinite);

        _clock.Advance(TimeSpan.FromMilliseconds(9));
        _fired.Should().Be(0);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        _fired.Should().Be(1);
    }

    [Fact]
    public void A_periodic_timer_fires_again_and_again()
    {
        using ITimer timer = Create(due: 10, period: 20);

        _clock.Advance(TimeSpan.FromMilliseconds(50));

        _fired.Should().Be(3, "it fires after 10, 30 and 50 ms");
    }

    [Fact]
    public void A_timer_with_a_period_of_zero_fires_once()
    {
        using ITimer timer = Create(due: 10, period: 0);
        ((IEventTarget)timer).IsPeriodic(0).Should().BeFalse();

        _clock.Advance(TimeSpan.FromMilliseconds(50));

        _fired.Should().Be(1);
        _clock.Pending.Should().BeEmpty();
    }

    [Fact]
    public void The_longest_time_is_that_of_dotnet()
    {
        TimeSpan longest = TimeSpan.FromMilliseconds(uint.MaxValue - 1);
        using ITimer timer = _clock.CreateTimer(static _ => { }, null, longest, longest);

        timer.Invoking(it => it.Change(longest + TimeSpan.FromTicks(1), longest)).Should().Throw<ArgumentOutOfRangeException>();
        _clock.Invoking(static clock => clock.CreateTimer(null!, null, TimeSpan.Zero, TimeSpan.Zero)).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void A_timer_that_was_disposed_of_is_silent()
    {
        Create(due: 10, period: 20).Dispose();

        _clock.Advance(TimeSpan.FromMilliseconds(50));

        _fired.Should().Be(0);
        _clock.Pending.Should().BeEmpty();
    }

    [Fact]
    public async Task A_timer_can_be_disposed_of_asynchronously()
    {
        await Create(due: 10, period: 20).DisposeAsync();

        _clock.Pending.Should().BeEmpty();
    }

    [Fact]
    public void A_timer_can_be_set_anew()
    {
        using ITimer timer = Create(due: 10, period: 20);

        timer.Change(TimeSpan.FromMilliseconds(40), Timeout.InfiniteTimeSpan).Should().BeTrue();
        _clock.Advance(TimeSpan.FromMilliseconds(39));
        _fired.Should().Be(0);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        _fired.Should().Be(1);
    }

    [Fact]
    public void A_timer_without_a_due_time_waits_to_be_set()
    {
        using ITimer timer = Create(due: Timeout.Infinite, period: 20);

        _clock.Advance(TimeSpan.FromMilliseconds(50));

        _fired.Should().Be(0);
    }

    [Fact]
    public void A_timer_interrupts_a_busy_processor()
    {
        using ITimer timer = Create(due: 10, period: Timeout.Infinite);

        _clock.Spin(TimeSpan.FromMilliseconds(10));

        _fired.Should().Be(1);
    }

    [Fact]
    public void Timers_of_the_code_under_test_are_listed_but_not_copied_into_a_fork()
    {
        using ITimer timer = Create(due: 10, period: Timeout.Infinite);
        _clock.Pending.Should().ContainSingle().Which.What.Should().Be("timer of the code under test");

        new ForkContext().Of(_clock).Pending.Should().BeEmpty();
        ((IForkable)timer).Invoking(static forked => forked.Fork(new ForkContext()))
            .Should().Throw<NotSupportedException>();
    }

    [Fact]
    public void A_timeout_on_the_clock_ends_when_the_clock_says_so()
    {
        using CancellationTokenSource source = new(TimeSpan.FromMilliseconds(10), _clock);

        _clock.Advance(TimeSpan.FromMilliseconds(10));

        source.IsCancellationRequested.Should().BeTrue();
    }

    private ITimer Create(int due, int period) => _clock.CreateTimer(
        _ => _fired++, null, TimeSpan.FromMilliseconds(due), TimeSpan.FromMilliseconds(period));
}

namespace VfioPm.Tests;

/// <summary>When <c>msleep()</c> ends: <c>msecs_to_jiffies()</c>, <c>calc_wheel_index()</c> at 250 ticks a second.</summary>
public sealed class TimerWheelTests
{
    [Theory]
    [InlineData(1, 0, 8)]           // a tick, and one more since the present one has begun
    [InlineData(2, 0, 8)]
    [InlineData(20, 0, 24)]
    [InlineData(100, 0, 104)]
    [InlineData(100, 1, 108)]
    [InlineData(248, 0, 252)]       // 62 ticks, the longest of the first level
    [InlineData(252, 0, 256)]       // 63, of the second: to an eighth tick
    [InlineData(1000, 0, 1024)]
    [InlineData(1100, 1, 1120)]
    [InlineData(2016, 0, 2048)]     // 504, of the third: to a 64th
    public void A_sleep_ends_with_a_tick_of_its_level(int milliseconds, int moreTicks, int end) =>
        TimerWheel.EndOf(TimeSpan.Zero, TimeSpan.FromMilliseconds(milliseconds), moreTicks)
            .Should().Be(TimeSpan.FromMilliseconds(end));

    [Fact]
    public void Where_in_a_tick_a_sleep_begins_makes_no_difference_to_its_end() =>
        TimerWheel.EndOf(TimeSpan.FromMilliseconds(1003.9), TimeSpan.FromMilliseconds(100), 0)
            .Should().Be(TimerWheel.EndOf(TimeSpan.FromMilliseconds(1000), TimeSpan.FromMilliseconds(100), 0))
            .And.Be(TimeSpan.FromMilliseconds(1104));
}

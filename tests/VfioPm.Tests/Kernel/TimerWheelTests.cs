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
    [InlineData(2016, 0, 2272)]     // 504, of the third: to a 64th
    public void A_sleep_ends_with_a_tick_of_its_level(int milliseconds, int moreTicks, int end) =>
        EndOf(At(0), milliseconds, moreTicks).Should().Be(end);

    [Fact]
    public void Where_in_a_tick_a_sleep_begins_makes_no_difference_to_its_end() =>
        EndOf(At(1003.9), 100).Should().Be(EndOf(At(1000), 100)).And.Be(1104);

    [Theory]
    [InlineData(0, 3.9, 0)]
    [InlineData(3.9, 4, 1)]
    [InlineData(4, 11.9, 1)]
    [InlineData(5, 1004, 250)]
    public void Between_two_moments_it_ticks_where_a_tick_begins(double begin, double end, int ticks) =>
        TimerWheel.TicksBetween(TimeSpan.FromMilliseconds(begin), TimeSpan.FromMilliseconds(end)).Should().Be(ticks);

    // INITIAL_JIFFIES, -300 * HZ, is a multiple of eight, and of no more.
    [Theory]
    [InlineData(0, 1024, 3040)]
    [InlineData(4, 1008, 3056)]
    [InlineData(28, 1008, 3152)]
    [InlineData(56, 1024, 3008)]
    public void The_coarser_ticks_of_a_machine_are_later_if_its_first_was(int ticks, int endOfOneSecond, int endOfThree)
    {
        Kernel kernel = At(0);
        kernel.JiffiesAtBoot -= ticks;
        EndOf(kernel, 1000).Should().Be(endOfOneSecond);
        EndOf(kernel, 3000).Should().Be(endOfThree);
    }

    private static Kernel At(double milliseconds)
    {
        Kernel kernel = new SimulatedHost().Kernel;
        kernel.Clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        return kernel;
    }

    private static double EndOf(Kernel kernel, int milliseconds, int moreTicks = 0) =>
        kernel.TickAfter(TimeSpan.FromMilliseconds(milliseconds), moreTicks).TotalMilliseconds;
}

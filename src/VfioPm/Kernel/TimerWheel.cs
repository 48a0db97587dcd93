namespace VfioPm;

/// <summary>
/// When a sleep on the timer wheel ends (<c>kernel/time/timer.c</c>): at a tick, and never early, so mostly one tick late;
/// longer sleeps are rounded more coarsely (<c>calc_wheel_index()</c>). The recorded kernels tick every 4 ms
/// (<c>CONFIG_HZ=250</c>).
/// </summary>
internal static class TimerWheel
{
    /// <summary>Which tick it is at boot: five minutes before a counter of 32 bits wraps (<c>INITIAL_JIFFIES</c>).</summary>
    public const int InitialJiffies = -5 * 60 * 250;

    /// <summary>How long a tick takes.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(4);

    // LVL_SIZE and LVL_CLK_SHIFT: a level has 64 places, and each is eight times as coarse as the one below.
    private const int Places = 64;
    private const int CoarserBy = 3;

    /// <summary>When it ends.</summary>
    /// <param name="jiffiesAtBoot">Which tick it was when the clock showed zero.</param>
    /// <param name="now">When it begins.</param>
    /// <param name="duration">How long is slept, at least.</param>
    /// <param name="moreTicks">How many ticks are added to be sure, before the wheel is asked.</param>
    public static TimeSpan EndOf(int jiffiesAtBoot, TimeSpan now, TimeSpan duration, int moreTicks)
    {
        long begin = jiffiesAtBoot + (now.Ticks / Tick.Ticks);
        long timeout = ((duration.Ticks + Tick.Ticks - 1) / Tick.Ticks) + moreTicks;
        int shift = 0;
        while (timeout >= (Places - 1L) << shift)
        {
            shift += CoarserBy;
        }

        return (((((begin + timeout) >> shift) + 1) << shift) - jiffiesAtBoot) * Tick;
    }

    /// <summary>How often it ticked between two moments, which is what <c>jiffies</c> tells of a time.</summary>
    public static long TicksBetween(TimeSpan begin, TimeSpan end) => (end.Ticks / Tick.Ticks) - (begin.Ticks / Tick.Ticks);
}

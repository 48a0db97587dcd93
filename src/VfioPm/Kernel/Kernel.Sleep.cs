namespace VfioPm;

// Sleeping for a time.
public sealed partial class Kernel
{
    /// <summary>
    /// Which tick it was when <see cref="Clock"/> showed zero (<c>jiffies</c>, 250 a second): sleeps of a quarter of a second and
    /// more end with every 8th, 64th or 512th (<c>calc_wheel_index()</c>), counted by it. It is <c>INITIAL_JIFFIES</c>, -75,000, unless
    /// set, as for a machine whose first tick was late.
    /// </summary>
    public int JiffiesAtBoot { get; set; } = TimerWheel.InitialJiffies;

    /// <summary>Whether <c>msleep()</c> adds a tick of its own, though the timer wheel already rounds up.</summary>
    internal bool MsleepAddsTick { get; init; }

    /// <summary>Sleeps for so long, to the microsecond.</summary>
    /// <remarks>
    /// Where nothing else is due before it ends, and whoever lets time pass lets it pass so far, it is over at once: nobody
    /// could tell the difference.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or longer than <c>msleep()</c> takes: an <c>unsigned int</c> of milliseconds.</exception>
    public KernelWait Sleep(TimeSpan duration)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(duration, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(duration, TimeSpan.FromMilliseconds(uint.MaxValue));
        return WaitUntil(Clock.Now + duration, WaitKind.Sleep);
    }

    /// <summary>Sleeps until the tick after a time has passed (<c>msleep()</c>; <see cref="TimerWheel"/>).</summary>
    internal KernelWait Msleep(TimeSpan duration) =>
        WaitUntil(TickAfter(duration, MsleepAddsTick ? 1 : 0), WaitKind.Sleep);

    /// <summary>When what begins now and takes so long on the timer wheel ends (<see cref="TimerWheel"/>).</summary>
    internal TimeSpan TickAfter(TimeSpan duration, int moreTicks = 0) =>
        TimerWheel.EndOf(JiffiesAtBoot, Clock.Now, duration, moreTicks);

    /// <summary>Sleeps on a high-resolution timer (<c>usleep_range()</c>).</summary>
    /// <param name="duration">How long, where no other timer interrupts before it is over.</param>
    /// <param name="slack">How much less is enough where one does (<see cref="VirtualClock.FireAt"/>).</param>
    internal KernelWait Delay(TimeSpan duration, TimeSpan slack = default) =>
        WaitUntil(Clock.Now + duration, WaitKind.Delay, slack);

    private KernelWait WaitUntil(TimeSpan due, WaitKind kind, TimeSpan slack = default) =>
        Clock.TryPass(due) ? KernelWait.Over : Running.WillWait(kind, due, slack: slack);
}

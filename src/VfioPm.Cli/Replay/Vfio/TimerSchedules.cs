namespace VfioPm.Cli;

/// <summary>The choices that timers with slack leave open.</summary>
internal static class TimerSchedules
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Lets time pass in every way in which timers may fire: one whose window reaches beyond
    /// <paramref name="moment"/> fires before it on one machine and after it on another.
    /// </summary>
    /// <param name="machine">Where to begin; it is one of those returned.</param>
    /// <param name="moment">Where to end; nothing happens if it is past.</param>
    public static IReadOnlyList<VfioMachine> Advance(VfioMachine machine, TimeSpan moment)
    {
        List<VfioMachine> machines = [machine];
        for (int i = 0; i < machines.Count; i++)
        {
            VirtualClock clock = machines[i].Host.Clock;
            clock.RunPending();
            while (FindOpen(clock, moment) is { } timer)
            {
                VfioMachine later = machines[i].Fork();
                later.Host.Clock.Postpone(timer, Earlier(timer.Latest, moment + Tick));
                machines.Add(later);
                AdvanceTo(clock, timer.Due);
            }

            AdvanceTo(clock, moment);
        }

        return machines;
    }

    private static PendingEvent? FindOpen(VirtualClock clock, TimeSpan moment)
    {
        foreach (PendingEvent pending in clock.Pending)
        {
            if (pending.Due <= moment && pending.Latest > moment)
            {
                return pending;
            }
        }

        return null;
    }

    private static void AdvanceTo(VirtualClock clock, TimeSpan moment) =>
        clock.Advance(moment > clock.Now ? moment - clock.Now : TimeSpan.Zero);

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

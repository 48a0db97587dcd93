namespace VfioPm.Cli;

/// <summary>The choices that timers with slack leave open.</summary>
internal static class TimerSchedules
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// Lets time pass in every way in which timers may fire: one whose window reaches beyond
    /// <paramref name="moment"/> fires before it on one machine, just after it on another, and as late as it may on
    /// a third; so does one whose window overlaps another timer's, since then their order is open.
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
                if (timer.Latest > moment + Tick)
                {
                    machines.Add(Postpone(machines[i], timer, moment > timer.Due ? moment + Tick : timer.Due + Tick));
                }

                machines.Add(Postpone(machines[i], timer, timer.Latest));
                AdvanceTo(clock, timer.Due);
            }

            AdvanceTo(clock, moment);
        }

        return machines;
    }

    private static PendingEvent? FindOpen(VirtualClock clock, TimeSpan moment)
    {
        PendingEvent[] open = [.. clock.Pending.Where(pending => pending.Due < pending.Latest && pending.Due <= moment)];
        return open.Cast<PendingEvent?>().FirstOrDefault(timer =>
            timer!.Value.Latest > moment
            || Array.Exists(open, other => other != timer && other.Due <= timer.Value.Latest));
    }

    private static VfioMachine Postpone(VfioMachine machine, PendingEvent timer, TimeSpan moment)
    {
        VfioMachine later = machine.Fork();
        later.Host.Clock.Postpone(timer, moment);
        return later;
    }

    private static void AdvanceTo(VirtualClock clock, TimeSpan moment) =>
        clock.Advance(moment > clock.Now ? moment - clock.Now : TimeSpan.Zero);
}

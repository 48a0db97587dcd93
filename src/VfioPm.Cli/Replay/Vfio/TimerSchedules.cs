namespace VfioPm.Cli;

/// <summary>The choices that timers with slack leave open during one event of a recording.</summary>
internal static class TimerSchedules
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>
    /// The machine once for every combination of moments at which its running timers may fire: before what is
    /// done, after it, or not yet.
    /// </summary>
    /// <param name="machine">Where the recording stands; it is one of those returned.</param>
    /// <param name="start">When the event begins.</param>
    /// <param name="end">When the recorder looked at the state.</param>
    public static IReadOnlyList<VfioMachine> Of(VfioMachine machine, TimeSpan start, TimeSpan end)
    {
        List<VfioMachine> machines = [machine];
        foreach (PendingEvent timer in machine.Host.Clock.Pending.Where(pending => pending.Latest > pending.Due))
        {
            List<TimeSpan> moments = [.. MomentsOf(timer, start, end)];
            machines.AddRange([.. machines.SelectMany(known => moments.Select(moment => Postpone(known, timer, moment)))]);
        }

        return machines;
    }

    private static IEnumerable<TimeSpan> MomentsOf(PendingEvent timer, TimeSpan start, TimeSpan end)
    {
        if (timer.Due <= start && timer.Latest > start)
        {
            yield return Earlier(timer.Latest, start + Tick);
        }

        if (timer.Due <= end && timer.Latest > end)
        {
            yield return Earlier(timer.Latest, end + Tick);
        }
    }

    private static VfioMachine Postpone(VfioMachine machine, PendingEvent timer, TimeSpan moment)
    {
        VfioMachine copy = machine.Fork();
        copy.Host.Clock.Postpone(timer, moment);
        return copy;
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

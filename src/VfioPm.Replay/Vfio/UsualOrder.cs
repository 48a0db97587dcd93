namespace VfioPm;

/// <summary>
/// The order of threads that the kernel's scheduler usually chooses, with timers at all moments that they may fire at: what nearly
/// every event comes of.
/// </summary>
internal static class UsualOrder
{
    private static readonly int[] NoPlan = [];

    /// <summary>Plays an event in it.</summary>
    /// <param name="machines">The machines before the event, which are used up.</param>
    /// <param name="before">A fork of each, which stays.</param>
    /// <param name="recorded">The event.</param>
    /// <returns>What explains it, or nothing.</returns>
    public static Explanations Play(List<VfioMachine> machines, List<VfioMachine> before, RecordedEvent recorded)
    {
        Explanations found = new();
        HashSet<(ulong, int)> seen = [];
        for (int i = 0; i < machines.Count; i++)
        {
            TimeSpan guess = recorded.Time.Guess(machines[i]);
            TimeSpan begins = Play(machines[i], guess, duration => recorded.Time.Correct(guess, duration, before[i]), recorded, seen, found);
            if (begins != guess)
            {
                Play(before[i].Fork(), begins, _ => begins, recorded, seen, found);
            }
        }

        return found;
    }

    /// <param name="machine">The machine before the event, which is used up.</param>
    /// <param name="begins">When its call is begun.</param>
    /// <param name="correct">Says when it must be, by how long it takes.</param>
    /// <param name="recorded">The event.</param>
    /// <param name="seen">States in which a machine was on the way, and how many lines it had traced.</param>
    /// <param name="found">Gets what explains it: nothing, if it must be begun at another moment.</param>
    /// <returns>That moment.</returns>
    private static TimeSpan Play(
        VfioMachine machine,
        TimeSpan begins,
        Func<TimeSpan, TimeSpan> correct,
        RecordedEvent recorded,
        HashSet<(ulong State, int Lines)> seen,
        Explanations found)
    {
        TimeSpan? corrected = null;
        HashSet<ulong> before = [];
        foreach (VfioMachine ready in TimerSchedules.Advance(machine, begins, other => before.Add(other.Host.ComputeStateHash())))
        {
            PlayedCall call = recorded.Play(ready, NoPlan);
            corrected ??= correct(call.Duration);
            if (corrected != begins)
            {
                break;
            }

            if (!call.IsAsRecorded())
            {
                continue;
            }

            // Timers may get to one state in many orders; and a machine on which something happened that was not recorded explains
            // nothing, whatever comes then.
            foreach (VfioMachine settled in TimerSchedules.Advance(ready, recorded.End, other =>
                recorded.IsOnTheWay(other) && seen.Add((other.Host.ComputeStateHash(), other.Log.Lines.Count))))
            {
                PlayedEvent played = new(recorded, call, settled);
                if (played.IsExact)
                {
                    found.Add(settled, played);
                }
            }
        }

        return corrected ?? begins;
    }
}

namespace VfioPm;

/// <summary>The choices that timers with slack leave open.</summary>
internal static class TimerSchedules
{
    // Just after something.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    // The recorder writes an event down in less, for each function, and has begun the next one.
    private static readonly TimeSpan Writing = TimeSpan.FromMilliseconds(3);

    // Just longer than a transition to or from D3hot, so that what another timer began has ended.
    private static readonly TimeSpan Transition = TimeSpan.FromMilliseconds(13);

    // So finely are the steps of an operation told apart.
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(4);

    // In the middle of an operation that waits for a bus.
    private static readonly TimeSpan BusWait = TimeSpan.FromMilliseconds(60);

    /// <summary>
    /// Lets time pass in every way in which timers may fire and which makes a difference: one whose window reaches
    /// beyond <paramref name="moment"/> fires before it on one machine, at several times after it on others; of those
    /// whose windows overlap each may be first.
    /// </summary>
    /// <param name="machine">Where to begin; it is one of those returned.</param>
    /// <param name="moment">Where to end; nothing happens if it is past.</param>
    public static IEnumerable<VfioMachine> Advance(VfioMachine machine, TimeSpan moment) => Advance(machine, moment, static _ => true);

    /// <summary>The same, but for machines that are not worth it any more when a timer may fire on them now or later.</summary>
    public static IEnumerable<VfioMachine> Advance(VfioMachine machine, TimeSpan moment, Func<VfioMachine, bool> isWorth)
    {
        Queue<VfioMachine> machines = new([machine]);
        while (machines.TryDequeue(out VfioMachine? next))
        {
            if (TryAdvance(next, moment, isWorth, machines))
            {
                yield return next;
            }
        }
    }

    /// <summary>
    /// What is about to happen finds a machine on which a timer that would run out meanwhile does so later: between two of its steps, when
    /// it is over, or as late as it may: one machine for each.
    /// </summary>
    public static IEnumerable<VfioMachine> RunOutBehind(VfioMachine machine, TimeSpan end) => machine.Host.Clock.Pending
        .Where(timer => timer.Due <= end && timer.Latest > timer.Due)
        .SelectMany(timer => Steps(timer, end).Append(end + Tick).Append(timer.Latest)
            .Where(later => later > timer.Due && later <= timer.Latest)
            .Distinct()
            .Select(later => Postpone(machine, timer, later)));

    /// <summary>
    /// Lets time pass up to a moment at which somebody looks and has the processor: a timer that may run out then does, but who is to
    /// act on it has to wait. One machine for each such timer.
    /// </summary>
    public static IEnumerable<VfioMachine> InterruptLook(VfioMachine machine, TimeSpan moment)
    {
        VirtualClock clock = machine.Host.Clock;
        clock.RunPending();

        // Event by event: a timer may be armed by what runs on the way.
        while (clock.NextDue <= moment && clock.Now < moment)
        {
            PendingEvent next = clock.Pending[0];
            if (next.Due < next.Latest && next.Latest >= moment)
            {
                VfioMachine interrupted = Postpone(machine, next, moment);
                VirtualClock other = interrupted.Host.Clock;
                AdvanceTo(other, moment - Tick);
                other.Spin(moment > other.Now ? moment - other.Now : TimeSpan.Zero);
                yield return interrupted;
            }

            AdvanceTo(clock, next.Due);
        }
    }

    /// <summary>Lets time pass up to a moment; nothing happens if it is past.</summary>
    public static void AdvanceTo(VirtualClock clock, TimeSpan moment) =>
        clock.Advance(moment > clock.Now ? moment - clock.Now : TimeSpan.Zero);

    private static IEnumerable<TimeSpan> Steps(PendingEvent timer, TimeSpan end)
    {
        for (TimeSpan step = timer.Due + Step; step < timer.Latest && step < end; step += Step)
        {
            yield return step;
        }
    }

    private static bool TryAdvance(VfioMachine machine, TimeSpan moment, Func<VfioMachine, bool> isWorth, Queue<VfioMachine> others)
    {
        VirtualClock clock = machine.Host.Clock;
        clock.RunPending();

        // Event by event: a timer may be armed by what runs on the way.
        while (clock.NextDue <= moment)
        {
            PendingEvent next = clock.Pending[0];
            if (IsOpen(next, clock, moment))
            {
                List<TimeSpan> moments = [.. LaterMoments(next, clock, machine.Host.Devices.Count, moment)
                    .Where(later => later > next.Due && later <= next.Latest)
                    .Distinct()];
                if (moments.Count > 0 && !isWorth(machine))
                {
                    return false;
                }

                foreach (TimeSpan later in moments)
                {
                    others.Enqueue(Postpone(machine, next, later));
                }
            }

            AdvanceTo(clock, next.Due);
        }

        AdvanceTo(clock, moment);
        return true;
    }

    /// <summary>Whether a timer that is about to run out could do so later, beyond the moment or after another.</summary>
    private static bool IsOpen(PendingEvent timer, VirtualClock clock, TimeSpan moment) =>
        timer.Due < timer.Latest && (timer.Latest > moment || Overlaps(timer, clock));

    private static bool Overlaps(PendingEvent timer, VirtualClock clock) => OthersWithin(timer, clock).Any();

    /// <summary>What else happens before the timer has to run out: another timer, or a transition under way ends.</summary>
    private static IEnumerable<PendingEvent> OthersWithin(PendingEvent timer, VirtualClock clock) =>
        clock.Pending.Where(other => other != timer && other.Due <= timer.Latest && other.Due >= timer.Due);

    private static IEnumerable<TimeSpan> LaterMoments(PendingEvent timer, VirtualClock clock, int devices, TimeSpan moment)
    {
        if (timer.Latest > moment)
        {
            yield return moment + Tick;
            yield return moment + (Writing * (devices + 1));
            yield return moment + BusWait;
            yield return timer.Latest;
        }

        foreach (PendingEvent other in OthersWithin(timer, clock))
        {
            // In one interrupt with another timer, and after what that begins; or after what was begun before.
            yield return other.Due < other.Latest ? other.Due : other.Due + Tick;
            if (other.Due < other.Latest)
            {
                yield return timer.Due + Transition;
            }
        }
    }

    private static VfioMachine Postpone(VfioMachine machine, PendingEvent timer, TimeSpan moment)
    {
        VfioMachine later = machine.Fork();
        later.Host.Clock.FireAt(timer, moment);
        return later;
    }
}

namespace VfioPm;

/// <content>A machine that goes to sleep: who stands still meanwhile, and its clock when it sleeps.</content>
public sealed partial class VirtualClock
{
    /// <summary>
    /// How long the machine has slept altogether. The clock stands still meanwhile, as <c>CLOCK_MONOTONIC</c> does: no timer runs out
    /// asleep, and one that had a second to go has a second to go afterwards. <c>CLOCK_BOOTTIME</c> is ahead of it by so much.
    /// </summary>
    public TimeSpan TimeAsleep { get; private set; }

    /// <summary>The machine, while it sleeps.</summary>
    internal IStandstill? Standstill { get; set; }

    /// <summary>Who stands still.</summary>
    internal Frozen Frozen { get; private set; }

    /// <summary>What would happen to them is held from now on.</summary>
    internal void Freeze(Frozen what) => Frozen |= what;

    /// <summary>They go on: what was held is due now, in the order in which it would have happened.</summary>
    internal void Thaw(Frozen what)
    {
        Frozen &= ~what;
        while (_queue.Count > 0 && _queue[_queue.Count - 1].Due == ScheduledEvent.Held)
        {
            int first = _queue.FindHeld();
            ScheduledEvent held = _queue.Take(first);
            Schedule(Now, held.Target, held.Tag);
        }
    }

    /// <summary>Time passes outside of the machine that sleeps, up to its alarm.</summary>
    /// <returns>How much of it passed.</returns>
    private TimeSpan PassAsleep(TimeSpan duration)
    {
        TimeSpan passed = Standstill!.UntilAlarm is { } alarm && alarm < duration ? alarm : duration;
        TimeAsleep += passed;
        Standstill.Pass(passed);
        return passed;
    }

    /// <summary>Holds an event of somebody who stands still until he goes on.</summary>
    private void Hold(in ScheduledEvent item) => Schedule(ScheduledEvent.Held, item.Target, item.Tag);

    private void AdvanceTo(TimeSpan moment)
    {
        while (!TryAdvanceTo(moment))
        {
            moment -= PassAsleep(moment - Now);
            if (Standstill is not null)
            {
                return;
            }
        }
    }

    /// <returns>False where the machine fell asleep before, or sleeps.</returns>
    private bool TryAdvanceTo(TimeSpan moment)
    {
        using var bounded = new HorizonScope(this, new Horizon(moment, null));
        while (Standstill is null && _queue.NextDue <= moment)
        {
            RunNext();
        }

        if (Standstill is not null)
        {
            return false;
        }

        PassTo(moment);
        return true;
    }

    /// <summary>Whoever waits for a machine that sleeps waits for its alarm.</summary>
    /// <returns>False if it has none.</returns>
    private bool WakeByAlarm()
    {
        if (Standstill!.UntilAlarm is not { } alarm)
        {
            return false;
        }

        PassAsleep(alarm);
        return true;
    }
}

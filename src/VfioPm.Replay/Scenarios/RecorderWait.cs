namespace VfioPm;

/// <summary>
/// How long a scenario waits after each operation before it looks: until a time has passed, nothing moves any more, and
/// nothing has happened for a while. It looks again and again, with naps between, on a machine that has nothing else to do.
/// </summary>
internal sealed class RecorderWait(ScenarioHead head, VfioMachine machine)
{
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan WritingTakes = TimeSpan.FromMilliseconds(3);

    private readonly VirtualClock _clock = machine.Host.Clock;

    /// <summary>Waits after an operation, which itself may have been to do nothing for some time.</summary>
    public void Wait(TimeSpan pause)
    {
        Sleep(pause);
        TimeSpan begin = _clock.Now;
        TimeSpan latest = TimeSpan.Zero;
        long seen = 0;
        while (true)
        {
            bool hasMoved = machine.Host.Trace.After(seen).Any(static entry => entry.Kind == TraceKind.Rpm);
            latest = hasMoved ? _clock.Now : latest;
            seen = machine.Host.Trace.Recorded;
            bool isOver = _clock.Now - begin >= head.Settle && _clock.Now - latest >= head.Quiet && !IsMoving();
            if (isOver || _clock.Now - begin > Longest)
            {
                return;
            }

            Sleep(Nap);
        }
    }

    /// <summary>The state is read and the event written down.</summary>
    public void WriteDown() => Sleep(WritingTakes);

    /// <summary>
    /// Lets time pass. A timer with slack does not wake a processor that will wake anyway before the slack is used up
    /// (<c>hrtimer_start_range_ns()</c>): it fires then.
    /// </summary>
    private void Sleep(TimeSpan time)
    {
        TimeSpan end = _clock.Now + time;
        do
        {
            foreach (PendingEvent early in _clock.Pending.Where(timer => timer.Due < end && timer.Due < timer.Latest).ToList())
            {
                _clock.FireAt(early, early.Latest < end ? early.Latest : end);
            }

            // What is due next may begin another.
            TimeSpan next = _clock.Pending.Select(static timer => timer.Due).Where(due => due < end).DefaultIfEmpty(end).Min();
            _clock.Advance(next > _clock.Now ? next - _clock.Now : TimeSpan.Zero);
        }
        while (_clock.Now < end);
    }

    private bool IsMoving() => machine.Host.Devices.Any(static device =>
        device.RuntimePm.Status is RuntimeStatus.Suspending or RuntimeStatus.Resuming);
}

namespace VfioPm;

/// <summary>
/// How long a scenario waits after each operation before it looks: until a time has passed, nothing moves any more, and
/// nothing has happened for a while. It looks again and again, with naps between.
/// </summary>
internal sealed class RecorderWait(ScenarioHead head, VfioMachine machine)
{
    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private readonly VirtualClock _clock = machine.Host.Clock;

    public void Wait()
    {
        TimeSpan begin = _clock.Now;
        TimeSpan latest = TimeSpan.Zero;
        int seen = 0;
        while (true)
        {
            int traced = machine.Host.Trace.Entries.Count(static entry => entry.Kind == TraceKind.Rpm);
            latest = traced > seen ? _clock.Now : latest;
            seen = traced;
            bool isOver = _clock.Now - begin >= head.Settle && _clock.Now - latest >= head.Quiet && !IsMoving();
            if (isOver || _clock.Now - begin > Longest)
            {
                return;
            }

            _clock.Advance(Nap);
        }
    }

    private bool IsMoving() => machine.Host.Devices.Any(static device =>
        device.RuntimePm.Status is RuntimeStatus.Suspending or RuntimeStatus.Resuming);
}

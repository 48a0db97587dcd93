namespace VfioPm;

/// <summary>
/// Where in a recorded kernel's time its coarse ticks were. No recording says how late its first tick was; but a sleep of a
/// minute ends up to two seconds later by it, so the first call that waits so long shows it.
/// </summary>
internal static class BootTicks
{
    // Ends of shorter sleeps differ by no more than a duration may (CallDuration).
    private static readonly TimeSpan Coarse = TimeSpan.FromSeconds(2);

    // As many ticks as there are from one end of such a sleep to the next, in steps of those that a duration may differ by.
    private const int Ticks = 512;
    private const int Step = 8;

    /// <summary>Gives a machine the ticks by which a call takes what it took; if others do no better, it keeps its own.</summary>
    public static void Learn(VfioMachine machine, RecordedEvent recorded)
    {
        TimeSpan taken = recorded.Time.Taken;
        if (taken < Coarse)
        {
            return;
        }

        int own = machine.Host.Kernel.JiffiesAtBoot;
        machine.Host.Kernel.JiffiesAtBoot = Enumerable.Range(0, Ticks / Step)
            .Select(step => own - (step * Step))
            .MinBy(jiffies => (taken - TimeOfCall(jiffies)).Duration());

        TimeSpan TimeOfCall(int jiffies)
        {
            VfioMachine other = machine.Fork();
            other.Host.Kernel.JiffiesAtBoot = jiffies;
            return recorded.Time.Rehearse(other);
        }
    }
}

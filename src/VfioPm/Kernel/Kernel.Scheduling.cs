using static System.FormattableString;

namespace VfioPm;

// Who goes on (kernel/sched/core.c).
public sealed partial class Kernel
{
    int IReadyOrder.Choose(int ready)
    {
        List<int> places = [];
        bool hasWork = false;
        for (int place = 0; place < ready; place++)
        {
            ScheduledEvent next = Clock.Next(place);
            bool isWork = next.Target.TakesTurns(next.Tag);
            if (!isWork || !hasWork)
            {
                places.Add(place);
                hasWork |= isWork;
            }
        }

        return places.Count > 1 ? places[NextOf([.. places.Select(place => Clock.Next(place).Tell())])] : places[0];
    }

    /// <summary>A place where the thread may sleep (<c>might_sleep()</c>, <c>cond_resched()</c>).</summary>
    internal KernelWait MightSleep() => Preempts(PreemptionPoint.MightSleep)
        ? Running.WillWait(WaitKind.Resched, Clock.Now)
        : KernelWait.Over;

    /// <summary>A place where the thread may lose the processor to one that is ready.</summary>
    internal KernelWait Preempt(PreemptionPoint point) =>
        Preempts(point) ? GiveWay() : KernelWait.Over;

    /// <summary>What the scheduler, which may be a test's, decides; one that throws decides nothing.</summary>
    internal bool Preempts(PreemptionPoint point)
    {
        // An interrupt's thread gives way to nobody (irq_thread(), sched_set_fifo()).
        if (Current is { IsRealTime: true })
        {
            return false;
        }

        try
        {
            return Scheduler.Preempts(this, point);
        }
        catch (Exception thrown)
        {
            Clock.Calls.Keep(thrown);
            return false;
        }
    }

    /// <summary>Whether an interrupt's thread was woken, which is of real-time priority.</summary>
    internal bool HasInterruptThread
    {
        get
        {
            for (int place = 0, ready = Clock.IsAnythingDue ? Clock.CountNext() : 0; place < ready; place++)
            {
                ScheduledEvent next = Clock.Next(place);
                if (next.Due <= Clock.Now && next.Target.IsRealTime(next.Tag))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>The thread loses the processor, and is next in turn.</summary>
    internal KernelWait GiveWay() => Running.WillWait(WaitKind.Preempted, Clock.Now);

    /// <summary>The same of who goes on; one that throws, or names nobody, leaves the order as it is.</summary>
    private int NextOf(IReadOnlyList<PendingEvent> ready)
    {
        try
        {
            int next = Scheduler.PickNext(this, ready);
            return next >= 0 && next < ready.Count
                ? next
                : throw new InvalidOperationException(Invariant($"The scheduler says that number {next} of {ready.Count} goes on."));
        }
        catch (Exception thrown)
        {
            Clock.Calls.Keep(thrown);
            return 0;
        }
    }
}

namespace VfioPm;

/// <summary>
/// What may come next where several threads are at it: one makes its next call, or the kernel goes on. Usually it is what the
/// recording's times say; but those are of a moment before the call, after which the thread may lose the processor, and the model takes
/// no processor time for what it does.
/// </summary>
/// <param name="host">Where.</param>
/// <param name="threads">The threads.</param>
/// <param name="end">When all of them are over at the latest.</param>
internal sealed class ParallelSteps(SimulatedHost host, ParallelThread[] threads, TimeSpan end)
{
    // What is so shortly one after the other may have been in the other order.
    private static readonly TimeSpan Unsure = TimeSpan.FromMilliseconds(0.5);

    // For so long a thread that is about to make a call may have lost the processor; or it has it, and what is ready waits.
    private static readonly TimeSpan Lost = TimeSpan.FromMilliseconds(3);

    private static readonly TimeSpan Instant = TimeSpan.FromTicks(1);

    private VirtualClock Clock => host.Clock;

    /// <summary>Takes the step that the scheduler's plan says, or else the usual one.</summary>
    public void Take()
    {
        List<Action> steps = [.. Possible()];
        steps[PlannedScheduler.Choose(host.Kernel, steps.Count)]();
    }

    /// <summary>All that may come next, the usual first.</summary>
    private IEnumerable<Action> Possible()
    {
        ParallelThread[] waiting = [.. threads.Where(static thread => thread.SleepsUntil is not null).OrderBy(static thread => thread.SleepsUntil)];
        IReadOnlyList<PendingEvent> pending = Clock.Pending;
        TimeSpan due = pending.Count > 0 ? pending[0].Due : TimeSpan.MaxValue;
        TimeSpan until = waiting.Length > 0 ? TimeOf(waiting[0]) : end;
        bool isCall = due > until && waiting.Length > 0;
        IEnumerable<Action> others = OtherCalls(waiting, isCall ? waiting[0] : null, due);
        return
        [
            isCall ? () => GoOn(waiting[0], until) : () => RunNext(until),
            .. others,
            .. pending.Count > 0 ? OtherTimes(pending[0], waiting, isCall, until) : [],
        ];
    }

    /// <summary>Another thread makes its call before, or one that is about to, although the kernel has something to do.</summary>
    private IEnumerable<Action> OtherCalls(ParallelThread[] waiting, ParallelThread? usual, TimeSpan due)
    {
        TimeSpan latest = due <= Clock.Now ? Clock.Now + Lost : due < TimeSpan.MaxValue ? due + Unsure : due;
        foreach (ParallelThread thread in waiting.Where(thread => thread != usual && (thread.IsBetweenCalls || usual is not null)))
        {
            TimeSpan time = TimeOf(thread);
            if (time <= latest && Array.TrueForAll(waiting, other => other == thread || time <= LatestOf(other)))
            {
                TimeSpan moment = due > Clock.Now && due <= time ? due - Instant : time;
                yield return () => GoOn(thread, moment);
            }
        }
    }

    /// <summary>The kernel goes on at another time than usual: before a call, or as a timer may run out earlier or later.</summary>
    private IEnumerable<Action> OtherTimes(PendingEvent next, ParallelThread[] waiting, bool isCall, TimeSpan until)
    {
        TimeSpan earliest = Max(next.Earliest, Clock.Now);
        if (isCall && earliest <= waiting.Min(LatestOf))
        {
            yield return () => RunEarly(next, Max(earliest, until), end);
        }

        if (!isCall && earliest < next.Due)
        {
            yield return () => RunEarly(next, earliest, until);
        }

        if (next.Latest > next.Due)
        {
            yield return () => Clock.FireAt(next, next.Latest);
        }
    }

    private TimeSpan TimeOf(ParallelThread thread) => Max(thread.SleepsUntil!.Value, Clock.Now);

    /// <summary>Until when others may come before a thread.</summary>
    private static TimeSpan LatestOf(ParallelThread thread) => thread.SleepsUntil!.Value + (thread.IsBetweenCalls ? Lost : TimeSpan.Zero);

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;

    /// <summary>The thread goes on, and who is ready waits for the processor.</summary>
    private void GoOn(ParallelThread thread, TimeSpan moment)
    {
        Expect(thread);
        Clock.Spin(Max(moment - Clock.Now, TimeSpan.Zero));
        thread.GoOn();
    }

    /// <summary>The kernel goes on; or time passes, where it has nothing to do.</summary>
    private void RunNext(TimeSpan until)
    {
        Expect(null);
        int looks = 0;
        Clock.AdvanceUntil(() => looks++ > 0, Max(until - Clock.Now, TimeSpan.Zero));
    }

    private void RunEarly(PendingEvent next, TimeSpan moment, TimeSpan until)
    {
        if (moment < next.Due)
        {
            Clock.FireAt(next, moment);
        }

        RunNext(until);
    }

    /// <summary>The kernel's threads may lose the processor to the next of the others that makes a call.</summary>
    private void Expect(ParallelThread? running)
    {
        if (host.Kernel.Scheduler is PlannedScheduler planned)
        {
            planned.NextCall = threads.Where(thread => thread != running && thread.IsBetweenCalls).Min(static thread => thread.SleepsUntil);
        }
    }
}

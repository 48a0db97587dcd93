namespace VfioPm;

/// <summary>
/// A scheduler that makes the choices of a plan, one after the other, and beyond its end the usual ones. It writes down each
/// choice that it had, so that another plan can be made of them.
/// </summary>
/// <param name="usual">Who says what is usual.</param>
/// <param name="log">Where it looks how far things have come.</param>
/// <param name="isPreemptible">Whether a thread can lose the processor where it drops a lock, too.</param>
/// <param name="plan">How often from the usual choice on, for each choice.</param>
internal sealed class PlannedScheduler(IKernelScheduler usual, EventLog log, bool isPreemptible, IReadOnlyList<int> plan)
    : IKernelScheduler
{
    // So shortly before its call a thread already runs, and may take the processor.
    private static readonly TimeSpan Shortly = TimeSpan.FromMilliseconds(1);

    private readonly List<SchedulerChoice> _choices = [];
    private (TimeSpan Moment, int Entries, int Threads)? _ranOn;

    /// <summary>Who says what is usual.</summary>
    public IKernelScheduler Usual => usual;

    /// <summary>The choices that there were, those of the plan first.</summary>
    public IReadOnlyList<SchedulerChoice> Choices => _choices;

    /// <summary>How many were planned.</summary>
    public int Planned => plan.Count;

    /// <summary>When another thread of the user's makes its next call, if one is to.</summary>
    public TimeSpan? NextCall { get; set; }

    /// <summary>Which of several steps comes next, where that is no part of the kernel: the usual first one without a plan.</summary>
    public static int Choose(Kernel kernel, int options) =>
        options > 1 && kernel.Scheduler is PlannedScheduler planned ? planned.Choose(options) : 0;

    /// <summary>The same scheduler, in the middle of its plan, for a fork.</summary>
    public PlannedScheduler ForkTo(EventLog fork)
    {
        PlannedScheduler copy = new(usual, fork, isPreemptible, plan);
        copy._choices.AddRange(_choices);
        copy._ranOn = _ranOn;
        return copy;
    }

    /// <inheritdoc/>
    public bool Preempts(Kernel kernel, PreemptionPoint point)
    {
        bool isUsual = usual.Preempts(kernel, point);
        if (!IsAnybodyReady(kernel.Clock) || point == PreemptionPoint.Store || (point == PreemptionPoint.Unlock && !isPreemptible))
        {
            return isUsual;
        }

        // Who ran on runs on, as long as nothing happens that anybody could see: it is one choice.
        (TimeSpan, int, int) now = (kernel.Clock.Now, log.Count, kernel.Threads.Count);
        if (_ranOn == now)
        {
            return false;
        }

        bool preempts = Choose(2) == 1 ? !isUsual : isUsual;
        _ranOn = preempts ? null : now;
        return preempts;
    }

    /// <inheritdoc/>
    public int PickNext(Kernel kernel, IReadOnlyList<PendingEvent> ready) => Choose(ready.Count);

    private bool IsAnybodyReady(VirtualClock clock) => clock.IsAnythingDue || NextCall - clock.Now <= Shortly;

    private int Choose(int options)
    {
        int place = _choices.Count;
        int taken = place < plan.Count && plan[place] < options ? plan[place] : 0;
        _choices.Add(new SchedulerChoice(taken, options, log.Lines.Count));
        return taken;
    }
}

/// <summary>A choice of the scheduler.</summary>
/// <param name="Taken">What was chosen: 0 is the usual.</param>
/// <param name="Options">Between how many.</param>
/// <param name="Lines">How many lines the trace had.</param>
internal readonly record struct SchedulerChoice(int Taken, int Options, int Lines);

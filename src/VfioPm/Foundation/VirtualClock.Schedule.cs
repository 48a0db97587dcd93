namespace VfioPm;

/// <content>Where in the queue what is to happen comes.</content>
public sealed partial class VirtualClock
{
    /// <summary>
    /// Chooses when within its window something happens. A timer with slack fires later than it might on a machine that gathers wakeups
    /// (<c>hrtimer_start_range_ns()</c>); a sleep that may be shorter is, where another timer interrupts the processor, which then runs
    /// all that may be over (<c>usleep_range()</c>, <c>hrtimer_interrupt()</c>).
    /// </summary>
    /// <param name="timer">One of <see cref="Pending"/>, of this clock or of the one that it was forked from.</param>
    /// <param name="moment">When it happens, since boot: from <see cref="PendingEvent.Earliest"/> to <see cref="PendingEvent.Latest"/>.</param>
    /// <exception cref="ArgumentException">It is not pending.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The moment is outside the window, or past.</exception>
    public void FireAt(PendingEvent timer, TimeSpan moment)
    {
        lock (Gate)
        {
            int place = _queue.FindSequence(timer.Sequence);
            if (place < 0)
            {
                throw new ArgumentException($"{timer.What} is not pending.", nameof(timer));
            }

            ScheduledEvent item = _queue[place];
            TimeSpan earliest = item.Due - item.Slack;
            ArgumentOutOfRangeException.ThrowIfLessThan(moment, earliest > Now ? earliest : Now);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(moment, item.Latest);
            _queue.Take(place);
            _queue.Insert(item with
            {
                Due = moment,
                Latest = moment < item.Due ? moment : item.Latest,
                Slack = TimeSpan.Zero,
            });
        }
    }

    /// <summary>
    /// A timer interrupts the processor, which runs all timers that may be over by now: a sleep that may be shorter ends with another one
    /// (<c>hrtimer_interrupt()</c>, <c>__hrtimer_run_queues()</c>).
    /// </summary>
    internal void Interrupt()
    {
        while (_queue.TryTakeShortable(Now, out ScheduledEvent sleep))
        {
            _queue.Insert(sleep with { Due = Now, Latest = Now, Slack = TimeSpan.Zero });
        }
    }

    internal void Schedule(TimeSpan due, IEventTarget target, int tag) => Schedule(due, due, MarkMoment(), target, tag);

    /// <summary>
    /// The place of this moment among those that the clock cannot tell apart; a real one does not read the same twice.
    /// </summary>
    internal long MarkMoment() => _nextSequence++;

    /// <summary>Schedules a timer with slack.</summary>
    /// <param name="due">The first moment at which it may run out.</param>
    /// <param name="latest">The last.</param>
    /// <param name="began">The moment that both are counted from (<see cref="MarkMoment"/>).</param>
    /// <param name="target">What it wakes.</param>
    /// <param name="tag">What for.</param>
    internal void Schedule(TimeSpan due, TimeSpan latest, long began, IEventTarget target, int tag) =>
        _queue.Insert(new ScheduledEvent(due, latest, began, target, tag));

    /// <summary>
    /// Schedules the end of a thread's sleep. It comes after all else of that moment, since a running thread goes
    /// on first, and of several the last to fall asleep wakes first: the lists of the timer wheel are stacks.
    /// </summary>
    internal void ScheduleWakeup(TimeSpan due, IEventTarget target, int tag) =>
        _queue.Insert(new ScheduledEvent(due, due, ScheduledEvent.Sleepers - _nextSequence++, target, tag));

    /// <summary>
    /// Schedules the end of a sleep on a high-resolution timer: a worker's comes in turn, a caller's after what is ready at its moment,
    /// but before those on the timer wheel.
    /// </summary>
    internal void ScheduleDelay(TimeSpan due, TimeSpan slack, bool isWorkers, IEventTarget target, int tag)
    {
        long sequence = MarkMoment() + (isWorkers ? 0 : ScheduledEvent.Callers);
        _queue.Insert(new ScheduledEvent(due, due, sequence, target, tag) { Slack = slack });
    }

    /// <summary>Schedules something that comes after all else of its moment, sleepers too; of several the last first.</summary>
    internal void ScheduleAfterAll(TimeSpan due, IEventTarget target, int tag) =>
        _queue.Insert(new ScheduledEvent(due, due, long.MaxValue - _nextSequence++, target, tag));

    /// <summary>Takes back what was scheduled for <paramref name="target"/> with <paramref name="tag"/>.</summary>
    /// <returns>Whether it was pending.</returns>
    internal bool Cancel(IEventTarget target, int tag) => _queue.Remove(target, tag);
}

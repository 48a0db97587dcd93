namespace VfioPm;

/// <content>Where in the queue what is to happen comes.</content>
public sealed partial class VirtualClock
{
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
        _queue.Insert(due, latest, began, target, tag);

    /// <summary>
    /// Schedules the end of a thread's sleep. It comes after all else of that moment, since a running thread goes
    /// on first, and of several the last to fall asleep wakes first: the lists of the timer wheel are stacks.
    /// </summary>
    internal void ScheduleWakeup(TimeSpan due, IEventTarget target, int tag) =>
        _queue.Insert(due, due, EventQueue.Sleepers - _nextSequence++, target, tag);

    /// <summary>Schedules something that comes after what is ready at its moment, but before sleepers.</summary>
    internal void ScheduleLast(TimeSpan due, IEventTarget target, int tag) =>
        _queue.Insert(due, due, EventQueue.Callers + _nextSequence++, target, tag);

    /// <summary>Schedules something that comes after all else of its moment, sleepers too; of several the last first.</summary>
    internal void ScheduleAfterAll(TimeSpan due, IEventTarget target, int tag) =>
        _queue.Insert(due, due, long.MaxValue - _nextSequence++, target, tag);

    /// <summary>Takes back what was scheduled for <paramref name="target"/> with <paramref name="tag"/>.</summary>
    /// <returns>Whether it was pending.</returns>
    internal bool Cancel(IEventTarget target, int tag) => _queue.Remove(target, tag);
}

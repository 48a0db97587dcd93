using System.Collections.Immutable;

namespace VfioPm;

/// <summary>
/// In which order threads took locks, by the names of their kinds, as lockdep watches it: a lock that is taken while
/// another is held comes after that one. Orders that contradict each other can end in a deadlock, even if they did not this
/// time.
/// </summary>
/// <remarks>
/// A lock that is only tried for comes after none, since nobody waits for it. The locks of devices (<c>device_lock</c>) are
/// taken from parent to child and not watched, as in the kernel.
/// </remarks>
public sealed class LockOrder
{
    private ImmutableDictionary<(string Held, string Taken), LockOrderStep> _steps =
        ImmutableDictionary<(string, string), LockOrderStep>.Empty;

    internal LockOrder()
    {
    }

    internal LockOrder(LockOrder original) => _steps = original._steps;

    /// <summary>What was seen, one step for two kinds of locks, in alphabetical order.</summary>
    public IReadOnlyList<LockOrderStep> Steps =>
        [.. _steps.Values.OrderBy(static step => step.Held, StringComparer.Ordinal).ThenBy(static step => step.Taken, StringComparer.Ordinal)];

    /// <summary>How many of them.</summary>
    internal int Count => _steps.Count;

    /// <summary>
    /// The circles: orders of locks in which threads can wait for each other for ever. Of those that have a step in common
    /// only the shortest, since who mends that one mends all.
    /// </summary>
    public IReadOnlyList<LockOrderCircle> FindCircles()
    {
        IReadOnlyList<LockOrderStep> steps = Steps;
        List<LockOrderCircle> circles = [];
        foreach (LockOrderCircle circle in steps.Select(step => FindCircle(steps, step)).OfType<LockOrderCircle>()
            .OrderBy(static circle => circle.Steps.Count))
        {
            if (!circles.Exists(known => known.Steps.Intersect(circle.Steps).Any()))
            {
                circles.Add(circle);
            }
        }

        return circles;
    }

    /// <summary>A thread takes a lock, or begins to wait for it.</summary>
    internal void Take(KernelThread thread, KernelLock taken, string place)
    {
        if (thread.Held.Count == 0 || !taken.IsWatched)
        {
            return;
        }

        foreach (HeldLock held in thread.Held)
        {
            if (held.Lock.IsWatched && held.Lock.Class != taken.Class && !_steps.ContainsKey((held.Lock.Class, taken.Class)))
            {
                _steps = _steps.Add(
                    (held.Lock.Class, taken.Class),
                    new LockOrderStep(held.Lock.Class, held.Place, taken.Class, place, thread.Cause));
            }
        }
    }

    /// <summary>The shortest circle that a step is part of, or null.</summary>
    private static LockOrderCircle? FindCircle(IReadOnlyList<LockOrderStep> steps, LockOrderStep first)
    {
        Queue<LockOrderStep[]> ways = new([[first]]);
        HashSet<string> reached = [first.Taken];
        while (ways.TryDequeue(out LockOrderStep[]? way))
        {
            foreach (LockOrderStep next in steps.Where(step => step.Held == way[^1].Taken))
            {
                if (next.Taken == first.Held)
                {
                    return new LockOrderCircle([.. way, next]);
                }

                if (reached.Add(next.Taken))
                {
                    ways.Enqueue([.. way, next]);
                }
            }
        }

        return null;
    }
}

/// <summary>A lock that was taken while another was held.</summary>
/// <param name="Held">The kind of the one that was held: "memory_lock".</param>
/// <param name="HeldSince">The function that took it.</param>
/// <param name="Taken">The kind of the one that was taken.</param>
/// <param name="TakenIn">The function that took that.</param>
/// <param name="Cause">What the thread did that was seen to do so first.</param>
public readonly record struct LockOrderStep(string Held, string HeldSince, string Taken, string TakenIn, Cause? Cause)
{
    /// <summary>"dev_set->lock (since Open), then memory_lock (in RuntimeSuspend): 0000:01:00.0: opened".</summary>
    public override string ToString() => $"{Held} (since {HeldSince}), then {Taken} (in {TakenIn}): {Cause}";
}

/// <summary>Locks that are taken in orders that contradict each other.</summary>
/// <param name="Steps">Each step's second lock is the next one's first, and the last one's is the first one's first.</param>
public sealed record LockOrderCircle(IReadOnlyList<LockOrderStep> Steps)
{
    /// <summary>The steps.</summary>
    public IReadOnlyList<LockOrderStep> Steps { get; } = Steps ?? throw new ArgumentNullException(nameof(Steps));

    /// <summary>The steps, one a line.</summary>
    public override string ToString() =>
        $"possible circular locking dependency: {string.Join(" -> ", Steps.Concat(Steps.Take(1)).Select(static step => step.Held))}"
        + string.Concat(Steps.Select(static step => $"\n  {step}"));
}

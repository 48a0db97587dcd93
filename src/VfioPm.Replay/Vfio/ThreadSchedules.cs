namespace VfioPm;

/// <summary>
/// The choices of the kernel's scheduler within one event: wherever a thread could lose the processor, and whoever of those that
/// are ready goes on. Recording twice may give any of these orders, and only the recording tells which it was.
/// </summary>
internal static class ThreadSchedules
{
    // Where so many orders do not explain an event, none does.
    private const int MostPlays = 1000;

    /// <summary>
    /// Looks for an order that gives what was recorded, where the usual one does not: from the order that agrees for longest, a
    /// choice before the first line that differs is made otherwise, the latest first. Orders that nobody could tell from others that were
    /// tried come after all that agree for as long.
    /// </summary>
    /// <param name="usual">What came of the usual order, at least one.</param>
    /// <param name="play">Plays the event on a machine in the order of a plan.</param>
    /// <returns>Those that explain it, or none.</returns>
    public static List<Attempt> Search(
        IEnumerable<Attempt> usual, Func<VfioMachine, IReadOnlyList<int>, IEnumerable<Attempt>> play)
    {
        PriorityQueue<Attempt, (int Disagreed, bool IsKnown, int Age)> open = new();
        HashSet<string> known = [];
        int plays = 0;
        Add(usual);
        while (plays < MostPlays && open.TryDequeue(out Attempt? nearest, out _))
        {
            foreach (int[] plan in OtherPlans(nearest))
            {
                List<Attempt> attempts = [.. play(nearest.Ready, plan)];
                plays++;
                if (attempts.Exists(static attempt => attempt.IsExact))
                {
                    return attempts.FindAll(static attempt => attempt.IsExact);
                }

                Add(attempts);
            }
        }

        return [];

        void Add(IEnumerable<Attempt> attempts)
        {
            foreach (Attempt attempt in attempts)
            {
                open.Enqueue(attempt, (-attempt.Agreed, !known.Add(attempt.Played.Json.ToJsonString()), plays));
            }
        }
    }

    private static IEnumerable<int[]> OtherPlans(Attempt attempt)
    {
        PlannedScheduler scheduler = attempt.Machine.Scheduler;
        for (int i = scheduler.Choices.Count - 1; i >= scheduler.Planned; i--)
        {
            SchedulerChoice choice = scheduler.Choices[i];
            for (int other = 1; other < choice.Options && choice.Lines <= attempt.Agreed; other++)
            {
                yield return [.. scheduler.Choices.Take(i).Select(static made => made.Taken), other];
            }
        }
    }
}

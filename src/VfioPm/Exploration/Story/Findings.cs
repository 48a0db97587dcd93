namespace VfioPm;

/// <summary>Makes what a search found into counterexamples: with names, shorter where that is possible, and told.</summary>
/// <param name="plan">What was explored.</param>
/// <param name="begin">Makes the beginning, traced or not, for so many preemptions.</param>
internal sealed class Findings(Plan plan, Func<bool, int, Playback> begin)
{
    /// <param name="search">What it found.</param>
    /// <param name="preemptions">How many it allowed.</param>
    public IEnumerable<Counterexample> Of(Search search, int preemptions)
    {
        for (int rule = 0; rule < plan.Rules.Count; rule++)
        {
            if (plan.Rules[rule] is SometimesRule never && search.IsComplete && !search.Breaches.Exists(breach => breach.Rule == rule))
            {
                yield return Tell(new Finding(never, "it never came true", new Schedule([])), way: []);
            }
        }

        foreach (Breach breach in search.Breaches)
        {
            if (plan.Rules[breach.Rule] is not SometimesRule)
            {
                Schedule schedule = Shrink(Name(breach.Way, preemptions), breach);
                yield return Tell(new Finding(plan.Rules[breach.Rule], breach.How, schedule), breach.Way);
            }
        }
    }

    /// <param name="finding">What was found.</param>
    /// <param name="way">The choices that it was found by.</param>
    public Counterexample Tell(Finding finding, IReadOnlyList<Choice> way) => new(
        finding,
        [.. way.SelectMany(static choice => choice.Place)],
        () => ToldSchedule.Tell(begin(true, finding.Schedule.Preemptions), finding, plan));

    private Schedule Name(IReadOnlyList<Choice> way, int preemptions)
    {
        Playback playback = begin(false, preemptions);
        return new Schedule([.. way.Select(playback.Play)]);
    }

    /// <summary>Leaves out whatever it breaks as well without.</summary>
    private Schedule Shrink(Schedule schedule, Breach breach)
    {
        for (int place = schedule.Choices.Count - 1; place >= 0; place--)
        {
            var shorter = new Schedule([.. schedule.Choices.Where((_, index) => index != place)]);
            if (Breaks(shorter, breach))
            {
                schedule = shorter;
                place = schedule.Choices.Count;
            }
        }

        return schedule;
    }

    private bool Breaks(Schedule schedule, Breach breach)
    {
        Playback playback = begin(false, schedule.Preemptions);
        foreach (string choice in schedule.Choices)
        {
            if (!playback.TryPlay(choice))
            {
                return false;
            }
        }

        playback.Finish();
        return playback.Broken.Contains((breach.Rule, breach.How));
    }
}

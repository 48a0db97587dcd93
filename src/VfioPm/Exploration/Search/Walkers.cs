namespace VfioPm;

/// <summary>Every choice is drawn, all alike.</summary>
internal sealed class RandomWalker(Random random) : Walker
{
    // A thread has some ten stops in a call: it is interrupted in the middle of about every second one.
    private const double Staying = 0.93;

    public override int Choose(Branch branch, IReadOnlyList<Choice> choices) => random.Next(choices.Count);

    public override bool GoesOn() => random.NextDouble() < Staying;
}

/// <summary>Who has the highest priority acts, and a few times in each walk the highest becomes the lowest.</summary>
internal sealed class PriorityWalker(Random random) : Walker
{
    private const double Dropping = 0.2;

    private readonly Dictionary<string, double> _priorities = [];

    public override int Choose(Branch branch, IReadOnlyList<Choice> choices)
    {
        int best = 0;
        for (int index = 1; index < choices.Count; index++)
        {
            best = PriorityOf(branch, choices[index]) > PriorityOf(branch, choices[best]) ? index : best;
        }

        if (random.NextDouble() < Dropping)
        {
            _priorities[NameOf(branch, choices[best])] = PriorityOf(branch, choices[best]) - 1;
        }

        // Of all that one actor could do, any.
        int actor = choices[best].Actor;
        List<int> alike = [];
        for (int index = 0; index < choices.Count; index++)
        {
            if (index == best || (actor >= 0 && choices[index].Actor == actor))
            {
                alike.Add(index);
            }
        }

        return alike[random.Next(alike.Count)];
    }

    public override bool GoesOn() => random.NextDouble() >= Dropping / 4;

    private static string NameOf(Branch branch, Choice choice) =>
        choice.IsStep ? $"actor {choice.Actor}" : branch.NameOf(choice);

    private double PriorityOf(Branch branch, Choice choice)
    {
        string name = NameOf(branch, choice);
        if (!_priorities.TryGetValue(name, out double priority))
        {
            priority = random.NextDouble();
            _priorities.Add(name, priority);
        }

        return priority;
    }
}

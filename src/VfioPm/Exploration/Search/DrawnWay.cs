namespace VfioPm;

/// <summary>One way, and what was seen on it.</summary>
internal sealed class DrawnWay
{
    private readonly List<(ulong Hash, int Depth)> _states = [];
    private readonly List<Breach> _breaches = [];

    private DrawnWay()
    {
    }

    public IReadOnlyList<(ulong Hash, int Depth)> States => _states;

    public IReadOnlyList<Breach> Breaches => _breaches;

    public static DrawnWay Of(Branch branch, Walker walker, int depth)
    {
        var drawn = new DrawnWay();
        while (branch.Way.Depth < depth)
        {
            int stop = 0;
            while (branch.IsStopped && (walker.GoesOn() || branch.FindChoices().Count == 0))
            {
                branch.GoOn();
                drawn.Note(branch);
                stop++;
            }

            IReadOnlyList<Choice> choices = branch.FindChoices();
            if (choices.Count == 0)
            {
                break;
            }

            Choice choice = choices[walker.Choose(branch, choices)];
            branch.Take(choice with { Stop = branch.IsStopped ? stop : Choice.NoStop });
            drawn.Note(branch);
            drawn._states.Add((branch.ComputeHash(), branch.Way.Depth));
        }

        return drawn;
    }

    private void Note(Branch branch)
    {
        foreach ((int rule, string how) in branch.Broken)
        {
            _breaches.Add(new Breach(rule, how, branch.Way.Choices));
        }

        branch.Broken.Clear();
    }
}

namespace VfioPm;

/// <summary>All that one choice more leads to.</summary>
internal sealed class Expansion
{
    private readonly List<(Branch Branch, ulong Hash)> _children = [];
    private readonly List<Breach> _breaches = [];

    private Expansion()
    {
    }

    /// <summary>The states, in the order of the choices.</summary>
    public IReadOnlyList<(Branch Branch, ulong Hash)> Children => _children;

    /// <summary>Rules that were broken on the way.</summary>
    public IReadOnlyList<Breach> Breaches => _breaches;

    /// <summary>Looks beyond a branch, which is used up.</summary>
    public static Expansion Of(Branch branch, int depth)
    {
        var expansion = new Expansion();
        bool isDeepest = branch.Depth >= depth;
        for (int stop = 0; branch.IsStopped; stop++)
        {
            // Another may cut in here …
            expansion.Choose(branch, isDeepest ? [] : branch.FindChoices(), stop, isUsedUp: false);
            branch.GoOn();
            expansion.Note(branch);
        }

        // … or when the thread has gone as far as it can by itself.
        expansion.Choose(branch, isDeepest ? [] : branch.FindChoices(), Choice.NoStop, isUsedUp: true);
        return expansion;
    }

    private void Choose(Branch branch, IReadOnlyList<Choice> choices, int stop, bool isUsedUp)
    {
        int count = choices.Count;
        for (int index = 0; index < count; index++)
        {
            Choice choice = choices[index] with { Stop = stop };

            // The last choice needs the branch no longer.
            Branch child = isUsedUp && index == count - 1 ? branch : branch.Fork();
            child.Take(choice);
            Note(child);
            _children.Add((child, child.ComputeHash()));
        }
    }

    private void Note(Branch branch)
    {
        foreach ((int rule, string how) in branch.Broken)
        {
            _breaches.Add(new Breach(rule, how, Way.ToList(branch.Way)));
        }

        branch.Broken.Clear();
    }
}

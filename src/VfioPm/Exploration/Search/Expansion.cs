namespace VfioPm;

/// <summary>All that one choice more leads to.</summary>
internal sealed class Expansion
{
    private readonly Search _search;
    private readonly List<Child> _children = [];
    private readonly List<Breach> _breaches = [];

    private Expansion(Search search) => _search = search;

    /// <summary>The states, in the order of the choices.</summary>
    public IReadOnlyList<Child> Children => _children;

    /// <summary>Rules that were broken on the way.</summary>
    public IReadOnlyList<Breach> Breaches => _breaches;

    /// <summary>Looks beyond a branch, which is used up.</summary>
    public static Expansion Of(Branch branch, Search search)
    {
        var expansion = new Expansion(search);
        for (int stop = 0; branch.IsStopped; stop++)
        {
            // Another may cut in here …
            expansion.Choose(branch, stop, isUsedUp: false);
            branch.GoOn();
            expansion.Note(branch);
        }

        // … or when the thread has gone as far as it can by itself.
        expansion.Choose(branch, Choice.NoStop, isUsedUp: true);
        return expansion;
    }

    private void Choose(Branch branch, int stop, bool isUsedUp)
    {
        int depth = _search.Limits.Depth;
        IReadOnlyList<Choice> choices = branch.Way.Depth < depth ? branch.FindChoices() : [];
        int count = choices.Count;
        for (int index = 0; index < count; index++)
        {
            Choice choice = choices[index] with { Stop = stop };

            // The last choice needs the branch no longer.
            Branch child = isUsedUp && index == count - 1 ? branch : branch.Fork();
            child.Take(choice);
            Note(child);

            // Beyond the deepest there is only what a stopped thread still does.
            ulong hash = child.ComputeHash();
            bool isLooked = child.Way.Depth < depth || child.IsStopped;
            _children.Add(new Child(hash, child.Way, isLooked));
        }
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

/// <summary>A state that one choice more leads to.</summary>
/// <param name="Hash">What it is recognised by.</param>
/// <param name="Way">The choices that led there.</param>
/// <param name="IsLooked">Whether there is anything to look at beyond it.</param>
internal readonly record struct Child(ulong Hash, Way Way, bool IsLooked);

namespace VfioPm;

/// <summary>A schedule that is played from the beginning, choice by choice.</summary>
internal sealed class Playback
{
    private readonly Branch _branch;
    private readonly List<(int Rule, string How)> _broken = [];

    public Playback(Branch beginning) => _branch = beginning;

    public SimulatedHost Host => _branch.Host;

    /// <summary>The rules that were broken so far.</summary>
    public IReadOnlyList<(int Rule, string How)> Broken => _broken;

    /// <summary>Whether somebody is in the middle of a call.</summary>
    public bool IsAnybodyCalling => _branch.Actors.Any(static actor => actor.IsCalling);

    /// <summary>When the last call returned; that of the beginning where there was none.</summary>
    public TimeSpan IdleSince => _branch.Actors.Select(static actor => actor.ReturnedAt).DefaultIfEmpty(Host.Clock.Now).Max();

    /// <summary>When an actor's last call returned.</summary>
    public TimeSpan ReturnedAt(string actor) => _branch.Actors.Single(other => other.Name == actor).ReturnedAt;

    /// <summary>Makes a choice by its place, and says what it is called.</summary>
    public string Play(Choice choice)
    {
        GoTo(choice.Stop);
        string name = Schedule.Write(_branch.NameOf(choice), choice.Stop);
        Take(choice);
        return name;
    }

    /// <summary>Makes a choice by its name.</summary>
    /// <returns>False if it could not be next.</returns>
    public bool TryPlay(string text)
    {
        (string name, int stop) = Schedule.Split(text);
        GoTo(stop);
        foreach (Choice choice in _branch.FindChoices().ToList())
        {
            if (_branch.NameOf(choice) == name)
            {
                Take(choice with { Stop = stop });
                return true;
            }
        }

        return false;
    }

    /// <summary>The same.</summary>
    /// <exception cref="ScheduleException">It could not be next; the message says what could.</exception>
    public void MustPlay(string text)
    {
        if (!TryPlay(text))
        {
            IEnumerable<string> possible = _branch.FindChoices().Select(choice => $"\"{_branch.NameOf(choice)}\"");
            throw new ScheduleException($"\"{text}\" cannot be next; there {(possible.Any() ? $"are {string.Join(", ", possible)}" : "is nothing")}.");
        }
    }

    /// <summary>What runs goes on, as far as it can.</summary>
    public void Finish() => GoTo(Choice.NoStop);

    private void GoTo(int stop)
    {
        for (int passed = 0; _branch.IsStopped && passed != stop; passed++)
        {
            _branch.GoOn();
            Note();
        }
    }

    private void Take(Choice choice)
    {
        _branch.Take(choice);
        Note();
    }

    private void Note()
    {
        _broken.AddRange(_branch.Broken);
        _branch.Broken.Clear();
    }
}

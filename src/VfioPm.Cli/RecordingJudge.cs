namespace VfioPm.Cli;

/// <summary>
/// The rules of explorations, watching a recording that is played: what breaks one is a flaw of the kernel that was recorded, or of who
/// used it. Each rule tells of the first time.
/// </summary>
internal sealed class RecordingJudge
{
    private readonly List<(Rule Rule, RuleWatch Watch)> _watches = [];

    /// <summary>Begins with the host that the recording begins on.</summary>
    public void Begin(SimulatedHost host)
    {
        _ = new Moment(host);
        _watches.AddRange(Rules.All.Select(rule => (rule, rule.Begin(host))));
    }

    /// <summary>Looks at what an event did.</summary>
    /// <param name="host">
    /// The host after it: a fork of the one before, with which who witnesses what happens there was forked.
    /// </param>
    /// <returns>The rules that it broke, and how.</returns>
    public IReadOnlyList<(Rule Rule, string How)> Look(SimulatedHost host)
    {
        List<(Rule Rule, string How)> broken = [];
        Moment moment = new(host);
        for (int place = 0; place < _watches.Count; place++)
        {
            (Rule rule, RuleWatch watch) = _watches[place];
            if (watch.Look(moment) is { } how)
            {
                _watches[place] = (rule, BrokenWatch.Instance);
                broken.Add((rule, how));
            }
        }

        moment.Forget();
        return broken;
    }
}

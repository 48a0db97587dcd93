namespace VfioPm.Tests;

/// <summary>A recording that is replayed while all rules watch.</summary>
internal static class WatchedRecording
{
    /// <summary>Plays it, and gives each rule that breaks, with the event after which it did.</summary>
    public static IEnumerable<(int Event, Rule Rule, string How)> Play(Recording recording)
    {
        List<(Rule Rule, RuleWatch Watch)> watches = [];
        var player = new VfioPlayer(recording.Header)
        {
            Begins = host =>
            {
                _ = new Moment(host);
                watches.AddRange(Rules.All.Select(rule => (rule, rule.Begin(host))));
            },
        };

        for (int index = 0; index < recording.Events.Count; index++)
        {
            player.Play(recording.Events[index]);
            var moment = new Moment(player.Host);
            for (int place = 0; place < watches.Count; place++)
            {
                (Rule rule, RuleWatch watch) = watches[place];
                if (watch.Look(moment) is { } how)
                {
                    watches[place] = (rule, BrokenWatch.Instance);
                    yield return (index, rule, how);
                }
            }

            moment.Forget();
        }
    }
}

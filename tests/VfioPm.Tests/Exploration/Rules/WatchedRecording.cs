namespace VfioPm.Tests;

/// <summary>A recording that is replayed while all rules watch.</summary>
internal static class WatchedRecording
{
    /// <summary>Plays it, and gives of each rule that breaks the first time.</summary>
    public static IEnumerable<RecordedBreach> Play(Recording recording)
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

            // The player goes on with a fork of the host, and who witnesses what happens there was forked with it.
            var moment = new Moment(player.Host);
            for (int place = 0; place < watches.Count; place++)
            {
                (Rule rule, RuleWatch watch) = watches[place];
                if (watch.Look(moment) is { } how)
                {
                    watches[place] = (rule, BrokenWatch.Instance);
                    yield return new RecordedBreach(rule, how, [.. recording.Events.Take(index + 1)], player.Host);
                }
            }

            moment.Forget();
        }
    }
}

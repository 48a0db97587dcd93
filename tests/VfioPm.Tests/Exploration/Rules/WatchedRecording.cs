using VfioPm.Cli;

namespace VfioPm.Tests;

/// <summary>A recording that is replayed while all rules watch, as <c>vfio-pm replay --rules</c> does.</summary>
internal static class WatchedRecording
{
    /// <summary>Plays it, and gives of each rule that breaks the first time.</summary>
    public static IEnumerable<RecordedBreach> Play(Recording recording)
    {
        RecordingJudge judge = new();
        var player = new VfioPlayer(recording.Header) { Begins = judge.Begin };
        for (int index = 0; index < recording.Events.Count; index++)
        {
            player.Play(recording.Events[index]);
            foreach ((Rule rule, string how) in judge.Look(player.Host))
            {
                yield return new RecordedBreach(rule, how, [.. recording.Events.Take(index + 1)], player.Host);
            }
        }
    }
}

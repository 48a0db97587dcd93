using System.Text;
using System.Text.Json.Nodes;

namespace VfioPm.Cli;

/// <summary>One recording, played event by event; of what was only the numbers are kept, and the first divergence.</summary>
/// <param name="recording">The recording.</param>
/// <param name="isJudged">Whether rules watch.</param>
internal sealed class RecordingReplay(Recording recording, bool isJudged)
{
    private readonly StringBuilder _breaches = new();

    /// <summary>How many events were played.</summary>
    public int Events { get; private set; }

    /// <summary>How many of them diverge.</summary>
    public int Divergences { get; private set; }

    /// <summary>The first of those, in lines for people, with the event before it; empty if none does.</summary>
    public string FirstDivergence { get; private set; } = "";

    /// <summary>How many rules were broken.</summary>
    public int Breaches { get; private set; }

    /// <summary>How they were, in lines for people.</summary>
    public string BreachText => _breaches.ToString();

    /// <summary>Plays it.</summary>
    /// <param name="emission">
    /// Behind what, if anything, the model's doing is written in the recording's own format: all of it, or nothing.
    /// </param>
    /// <exception cref="RecordingException">It makes no sense; the message names the line.</exception>
    public void Play(FileStream? emission)
    {
        if (emission is null)
        {
            foreach (JsonObject _ in Played())
            {
                // Counted.
            }

            return;
        }

        long end = emission.Position;
        try
        {
            using StreamWriter text = new(emission, leaveOpen: true);
            recording.Write(text, Played());
        }
        catch (RecordingException)
        {
            emission.SetLength(end);
            emission.Position = end;
            throw;
        }
    }

    private IEnumerable<JsonObject> Played()
    {
        ReplayedEvent? before = null;
        RecordingJudge? judge = isJudged ? new RecordingJudge() : null;
        IRecordingPlayer player = Replay.PlayerOf(recording, judge is null ? null : judge.Begin);
        foreach (ReplayedEvent replayed in Replay.Play(recording, player))
        {
            Events++;
            if (judge is not null && player is VfioPlayer { Host: { } host })
            {
                Tell(replayed, judge.Look(host));
            }

            if (replayed.Differences.Count > 0)
            {
                Divergences++;
                FirstDivergence = Divergences == 1 ? Describe(before, replayed) : FirstDivergence;
            }

            before = replayed;
            yield return replayed.Played;
        }
    }

    private void Tell(ReplayedEvent replayed, IReadOnlyList<(Rule Rule, string How)> broken)
    {
        Breaches += broken.Count;
        foreach ((Rule rule, string how) in broken)
        {
            _breaches.AppendLine($"{recording.Place}: event {replayed.Recorded["i"]} breaks {rule}");
            _breaches.AppendLine($"  event:  {replayed.Title}");
            _breaches.AppendLine($"    {how.ReplaceLineEndings("\n    ")}");
        }
    }

    private string Describe(ReplayedEvent? before, ReplayedEvent replayed)
    {
        StringBuilder text = new();
        text.AppendLine($"{recording.Place}: event {replayed.Recorded["i"]} diverges");
        if (before is not null)
        {
            text.AppendLine($"  before: {before.Title}");
        }

        text.AppendLine($"  event:  {replayed.Title}");
        foreach (Difference difference in replayed.Differences)
        {
            text.AppendLine($"    {difference}");
        }

        return text.ToString();
    }
}

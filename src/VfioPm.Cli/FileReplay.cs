using System.Text;

namespace VfioPm.Cli;

/// <summary>What came of the recordings of one file: numbers, and what is to be told of it.</summary>
internal sealed class FileReplay
{
    private readonly StringBuilder _findings = new();

    private FileReplay()
    {
    }

    /// <summary>How many recordings were played.</summary>
    public int Recordings { get; private set; }

    /// <summary>How many of them diverge.</summary>
    public int Diverging { get; private set; }

    /// <summary>How many events were played.</summary>
    public int Events { get; private set; }

    /// <summary>How many of them diverge.</summary>
    public int Divergences { get; private set; }

    /// <summary>How much of it could not be played.</summary>
    public int NotPlayed { get; private set; }

    /// <summary>How many rules were broken.</summary>
    public int Breaches { get; private set; }

    /// <summary>Of each recording the first divergence, and the rules that were broken, for people.</summary>
    public string FindingText => _findings.ToString();

    /// <summary>Why something could not be played, a line each.</summary>
    public string ProblemText { get; private set; } = "";

    /// <summary>Plays a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="isJudged">Whether rules watch.</param>
    /// <param name="emission">Makes the file for what the model did, if that is wanted.</param>
    public static FileReplay Of(RecordingFile file, bool isJudged, Func<FileStream>? emission)
    {
        FileReplay played = new();
        using StringWriter told = new();
        Problems problems = new(told);
        problems.OrTell(() => played.Play(file, isJudged, emission, problems));
        played.NotPlayed = problems.Count;
        played.ProblemText = told.ToString();
        return played;
    }

    /// <summary>Of an archive one recording behind the other, also where they are written; without those that cannot be played.</summary>
    private void Play(RecordingFile file, bool isJudged, Func<FileStream>? emission, Problems problems)
    {
        FileStream? emitted = null;
        try
        {
            foreach (Recording recording in file.Read())
            {
                emitted ??= emission?.Invoke();
                var replay = new RecordingReplay(recording, isJudged);
                if (problems.OrTell(() => replay.Play(emitted)))
                {
                    Add(replay);
                }
            }
        }
        finally
        {
            emitted?.Dispose();
        }
    }

    private void Add(RecordingReplay replay)
    {
        Recordings++;
        Diverging += replay.Divergences > 0 ? 1 : 0;
        Events += replay.Events;
        Divergences += replay.Divergences;
        Breaches += replay.Breaches;
        _findings.Append(replay.FirstDivergence).Append(replay.BreachText);
    }
}

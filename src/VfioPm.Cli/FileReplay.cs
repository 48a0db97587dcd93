using System.Text;

namespace VfioPm.Cli;

/// <summary>What came of the recordings of one file: numbers, and what is to be told of it.</summary>
internal sealed class FileReplay
{
    private readonly StringBuilder _divergences = new();

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

    /// <summary>The first divergence of each recording, for people.</summary>
    public string DivergenceText => _divergences.ToString();

    /// <summary>Why something could not be played, a line each.</summary>
    public string ProblemText { get; private set; } = "";

    /// <summary>Plays a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="emission">Makes the file for what the model did, if that is wanted.</param>
    public static FileReplay Of(RecordingFile file, Func<FileStream>? emission)
    {
        FileReplay played = new();
        using StringWriter told = new();
        Problems problems = new(told);
        problems.OrTell(() => played.Play(file, emission, problems));
        played.NotPlayed = problems.Count;
        played.ProblemText = told.ToString();
        return played;
    }

    /// <summary>Of an archive one recording behind the other, also where they are written; without those that cannot be played.</summary>
    private void Play(RecordingFile file, Func<FileStream>? emission, Problems problems)
    {
        FileStream? emitted = null;
        try
        {
            foreach (Recording recording in file.Read())
            {
                emitted ??= emission?.Invoke();
                var replay = new RecordingReplay(recording);
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
        _divergences.Append(replay.FirstDivergence);
    }
}

namespace VfioPm.Cli;

/// <summary>Replays files and folders, reports the first divergence of each recording, and counts.</summary>
internal sealed class ReplayRun
{
    private readonly TextWriter _output;
    private readonly string? _emitFolder;
    private readonly ProgressLine _progress;
    private readonly Problems _problems;
    private int _recordings;
    private int _diverging;
    private int _events;
    private int _divergences;

    /// <param name="output">Where the report goes.</param>
    /// <param name="error">Where files that are no recordings are named.</param>
    /// <param name="emitFolder">Where the model's events are written, if anywhere.</param>
    public ReplayRun(TextWriter output, TextWriter error, string? emitFolder)
    {
        _output = output;
        _emitFolder = emitFolder;
        _progress = new ProgressLine(error);
        _problems = new Problems(error, progress: _progress);
    }

    /// <summary>Replays everything.</summary>
    /// <returns>0 if nothing diverged, 1 if something did, 2 if something could not be played, or nothing was there to be.</returns>
    public int Run(IEnumerable<string> paths)
    {
        List<RecordingFile> files = [];
        foreach (string path in paths)
        {
            _problems.OrTell(() => files.AddRange(RecordingFile.Find(path)));
        }

        OutputFiles emitted = new(_emitFolder is null ? [] : files.Select(static file => file.Path));
        for (int i = 0; i < files.Count; i++)
        {
            RecordingFile file = files[i];
            _progress.Say($"{i} of {files.Count} files, {_events} events");
            _problems.OrTell(() => Replay(file, emitted));
        }

        _progress.Clear();

        string notPlayed = _problems.Count > 0 ? $", not played {_problems.Count}" : "";
        _output.WriteLine(
            $"files {_recordings}, diverging {_diverging}, events {_events}, divergences {_divergences}{notPlayed}");
        return _problems.Count > 0 ? 2 : _divergences > 0 ? 1 : 0;
    }

    /// <summary>Of an archive one recording behind the other, also where they are written; without those that cannot be played.</summary>
    private void Replay(RecordingFile file, OutputFiles emitted)
    {
        FileStream? emission = null;
        try
        {
            foreach (Recording recording in file.Read())
            {
                if (_emitFolder is not null)
                {
                    emission ??= emitted.Create(_emitFolder, file.Name);
                }

                var replay = new RecordingReplay(recording);
                if (_problems.OrTell(() => replay.Play(emission)))
                {
                    Count(replay);
                }
            }
        }
        finally
        {
            emission?.Dispose();
        }
    }

    private void Count(RecordingReplay replay)
    {
        if (replay.Divergences > 0)
        {
            _diverging++;
            _progress.Clear();
            _output.Write(replay.FirstDivergence);
        }

        _recordings++;
        _events += replay.Events;
        _divergences += replay.Divergences;
    }
}

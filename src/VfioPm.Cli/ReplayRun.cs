namespace VfioPm.Cli;

/// <summary>Replays files and folders, reports the first divergence of each file, and counts.</summary>
/// <param name="output">Where the report goes.</param>
/// <param name="error">Where files that are no recordings are named.</param>
/// <param name="emitFolder">Where the model's events are written, if anywhere.</param>
internal sealed class ReplayRun(TextWriter output, TextWriter error, string? emitFolder)
{
    private int _files;
    private int _divergingFiles;
    private int _events;
    private int _divergences;
    private int _unreadable;

    /// <summary>Replays everything.</summary>
    /// <returns>0 if nothing diverged, 1 if something did, 2 if a file could not be read as a recording.</returns>
    public int Run(IEnumerable<string> paths)
    {
        foreach (string path in paths)
        {
            OrReport(() =>
            {
                foreach (RecordingFile file in RecordingFile.Find(path))
                {
                    OrReport(() => Replay(file));
                }
            });
        }

        output.WriteLine($"files {_files}, diverging {_divergingFiles}, events {_events}, divergences {_divergences}");
        return _unreadable > 0 ? 2 : _divergences > 0 ? 1 : 0;
    }

    private void OrReport(Action action)
    {
        try
        {
            action();
        }
        catch (RecordingException exception)
        {
            _unreadable++;
            error.WriteLine(exception.Message);
        }
    }

    private void Replay(RecordingFile file)
    {
        Recording recording = file.Read();
        List<ReplayedEvent> events = [.. VfioPm.Replay.Play(recording)];
        if (emitFolder is not null)
        {
            Emit(Path.Combine(emitFolder, file.Name), recording, events);
        }

        int divergences = events.Count(static replayed => replayed.Differences.Count > 0);
        if (divergences > 0)
        {
            _divergingFiles++;
            ReportFirst(file.Path, events);
        }

        _files++;
        _events += events.Count;
        _divergences += divergences;
    }

    private void ReportFirst(string path, List<ReplayedEvent> events)
    {
        int first = events.FindIndex(static replayed => replayed.Differences.Count > 0);
        output.WriteLine($"{path}: event {events[first].Recorded["i"]} diverges");
        if (first > 0)
        {
            output.WriteLine($"  before: {events[first - 1].Title}");
        }

        output.WriteLine($"  event:  {events[first].Title}");
        foreach (Difference difference in events[first].Differences)
        {
            output.WriteLine($"    {difference}");
        }
    }

    private static void Emit(string path, Recording recording, IEnumerable<ReplayedEvent> events)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using StreamWriter text = new(path);
        recording.Write(text, events.Select(static replayed => replayed.Played));
    }
}

namespace VfioPm.Cli;

/// <summary>Replays files and folders, reports the first divergence of each recording, and counts.</summary>
/// <param name="output">Where the report goes.</param>
/// <param name="error">Where files that are no recordings are named.</param>
/// <param name="emitFolder">Where the model's events are written, if anywhere.</param>
internal sealed class ReplayRun(TextWriter output, TextWriter error, string? emitFolder)
{
    private int _recordings;
    private int _diverging;
    private int _events;
    private int _divergences;
    private int _unreadable;

    /// <summary>Replays everything.</summary>
    /// <returns>0 if nothing diverged, 1 if something did, 2 if something could not be played, or nothing was there to be.</returns>
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

        string notPlayed = _unreadable > 0 ? $", not played {_unreadable}" : "";
        output.WriteLine(
            $"files {_recordings}, diverging {_diverging}, events {_events}, divergences {_divergences}{notPlayed}");
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
        bool isFirst = true;
        foreach (Recording recording in file.Read())
        {
            OrReport(() =>
            {
                List<ReplayedEvent> events = [.. VfioPm.Replay.Play(recording)];
                Emit(file.Name, isFirst, recording, events);
                Count(recording, events);
                isFirst = false;
            });
        }
    }

    private void Count(Recording recording, List<ReplayedEvent> events)
    {
        int divergences = events.Count(static replayed => replayed.Differences.Count > 0);
        if (divergences > 0)
        {
            _diverging++;
            ReportFirst(recording.Place, events);
        }

        _recordings++;
        _events += events.Count;
        _divergences += divergences;
    }

    private void ReportFirst(string place, List<ReplayedEvent> events)
    {
        int first = events.FindIndex(static replayed => replayed.Differences.Count > 0);
        output.WriteLine($"{place}: event {events[first].Recorded["i"]} diverges");
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

    /// <summary>Writes what the model did, of an archive one recording behind the other.</summary>
    private void Emit(string name, bool isFirst, Recording recording, IEnumerable<ReplayedEvent> events)
    {
        if (emitFolder is null)
        {
            return;
        }

        string path = Path.Combine(emitFolder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using StreamWriter text = new(path, append: !isFirst);
        recording.Write(text, events.Select(static replayed => replayed.Played));
    }
}

using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace VfioPm.Cli;

/// <summary>Replays files and folders, reports the first divergence of each recording, and counts.</summary>
/// <param name="output">Where the report goes.</param>
/// <param name="error">Where files that are no recordings are named.</param>
/// <param name="isJudged">Whether the rules of explorations watch.</param>
/// <param name="emitFolder">Where the model's events are written, if anywhere.</param>
internal sealed class ReplayRun(TextWriter output, TextWriter error, bool isJudged, string? emitFolder)
{
    private readonly ProgressLine _progress = new(error);
    private int _files;
    private int _recordings;
    private int _diverging;
    private int _events;
    private int _divergences;
    private int _breaches;
    private int _notPlayed;

    /// <summary>Replays everything.</summary>
    /// <returns>0 if nothing diverged or broke a rule, 1 if something did, 2 if something could not be played, or nothing was there to be.</returns>
    public int Run(IEnumerable<string> paths)
    {
        List<RecordingFile> files = [];
        Problems notFound = new(error);
        foreach (string path in paths)
        {
            notFound.OrTell(() => files.AddRange(RecordingFile.Find(path)));
        }

        _notPlayed = notFound.Count;
        try
        {
            foreach (FileReplay played in PlayAll(files))
            {
                Tell(played);
                _progress.Say($"{++_files} of {files.Count} files, {_events} events");
            }
        }
        catch (AggregateException problems)
        {
            ExceptionDispatchInfo.Throw(problems.InnerExceptions[0]);
        }

        _progress.Clear();

        string breaches = isJudged ? $", breaches {_breaches}" : "";
        string notPlayed = _notPlayed > 0 ? $", not played {_notPlayed}" : "";
        output.WriteLine($"files {_recordings}, diverging {_diverging}, events {_events}, divergences {_divergences}{breaches}{notPlayed}");
        return _notPlayed > 0 ? 2 : _divergences + _breaches > 0 ? 1 : 0;
    }

    /// <summary>On all processors, in the order of the files; where they are written, one after the other, since the second of a name is refused.</summary>
    private ParallelQuery<FileReplay> PlayAll(List<RecordingFile> files)
    {
        OutputFiles emitted = new(emitFolder is null ? [] : files.Select(static file => file.Path));
        return Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering).AsParallel().AsOrdered()
            .WithDegreeOfParallelism(emitFolder is null ? Environment.ProcessorCount : 1)
            .WithMergeOptions(ParallelMergeOptions.NotBuffered)
            .Select(file => FileReplay.Of(file, isJudged, emitFolder is null ? null : () => emitted.Create(emitFolder, file.Name)));
    }

    private void Tell(FileReplay played)
    {
        _recordings += played.Recordings;
        _diverging += played.Diverging;
        _events += played.Events;
        _divergences += played.Divergences;
        _breaches += played.Breaches;
        _notPlayed += played.NotPlayed;
        if (played.NotPlayed + played.Divergences + played.Breaches > 0)
        {
            _progress.Clear();
            error.Write(played.ProblemText);
            output.Write(played.FindingText);
        }
    }
}

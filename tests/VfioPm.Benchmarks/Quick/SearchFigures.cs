namespace VfioPm.Benchmarks;

/// <summary>Exploring orders and replaying recordings, on one processor.</summary>
internal static class SearchFigures
{
    private const int Depth = 8;
    private const int States = 10_000;

    public static IEnumerable<Figure> All()
    {
        yield return new Figure("explore_states", "/s", static () =>
        {
            Exploration exploration = Exploration.Of(new Machine(KernelProfile.RfcV1).Host).WithStandardCrowd();
            ExplorationResult result = null!;
            TimeSpan took = ProcessorTime.Of(() => result = exploration.Run(new() { Depth = Depth, States = States, Processors = 1 }));
            return result.States / took.TotalSeconds;
        });

        yield return new Figure("replay_events", "/s", static () =>
        {
            Recording[] recordings = [.. RecordingFile.Find(Path.Combine(AppContext.BaseDirectory, "b.jsonl.br")).SelectMany(file => file.Read())];
            int events = 0;
            TimeSpan took = ProcessorTime.Of(() => events = recordings.Sum(recording => Replay.Play(recording).Count()));
            return events / took.TotalSeconds;
        });
    }
}

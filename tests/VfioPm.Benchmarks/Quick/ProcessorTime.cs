namespace VfioPm.Benchmarks;

/// <summary>
/// Processor time rather than wall time, and the best of many rounds: on a machine that others use too, the least is what the
/// code costs, and the rest is the machine.
/// </summary>
internal static class ProcessorTime
{
    /// <summary>Long enough for a machine that counts processor time in ticks of 10 ms.</summary>
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(120);

    /// <summary>Until the just-in-time compiler has made of the code what it will.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(500);

    private const int Rounds = 10;

    /// <summary>The least that one operation took, in ns.</summary>
    public static double PerOperation(Action operation)
    {
        int repetitions = RepetitionsIn(WarmUp, operation);
        repetitions = RepetitionsIn(Round, operation, repetitions / 8);
        return Enumerable.Range(0, Rounds).Min(_ => Of(operation, repetitions).TotalNanoseconds / repetitions);
    }

    /// <summary>What one call took.</summary>
    public static TimeSpan Of(Action work) => Of(work, repetitions: 1);

    /// <summary>How many fill a time.</summary>
    private static int RepetitionsIn(TimeSpan time, Action operation, int atLeast = 1)
    {
        int repetitions = int.Max(atLeast, 1);
        while (Of(operation, repetitions) < time)
        {
            repetitions *= 2;
        }

        return repetitions;
    }

    private static TimeSpan Of(Action operation, int repetitions)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < repetitions; i++)
        {
            operation();
        }

        return Environment.CpuUsage.TotalTime - before;
    }
}

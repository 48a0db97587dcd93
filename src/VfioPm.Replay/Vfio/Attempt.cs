namespace VfioPm;

/// <summary>An event as one machine played it, in one order of threads and timers.</summary>
internal sealed class Attempt
{
    /// <param name="ready">The machine before it.</param>
    /// <param name="ended">When the call had returned.</param>
    /// <param name="machine">The machine after it.</param>
    /// <param name="played">What came of it.</param>
    /// <param name="recorded">The event as recorded.</param>
    public Attempt(VfioMachine ready, TimeSpan ended, VfioMachine machine, PlayedEvent played, RecordedEvent recorded)
    {
        Ready = ready;
        Ended = ended;
        Machine = machine;
        Played = played;
        Distance = (played.Differences.Count, !played.IsExact && !recorded.Lines.Order().SequenceEqual(played.Lines.Order()));
    }

    /// <summary>The machine before it, which is not to be changed.</summary>
    public VfioMachine Ready { get; }

    /// <summary>When the call had returned, on that machine.</summary>
    public TimeSpan Ended { get; }

    /// <summary>The machine after it.</summary>
    public VfioMachine Machine { get; }

    /// <summary>The event as the machine played it.</summary>
    public PlayedEvent Played { get; }

    /// <summary>In how many fields it differs, and whether in more than the order of the trace's lines.</summary>
    public (int Fields, bool Lines) Distance { get; }

    /// <summary>How many lines of the trace are as recorded, from the first on.</summary>
    public int Agreed => Played.Agreed;

    /// <summary>Whether it is what was recorded.</summary>
    public bool IsExact => Played.IsExact;
}

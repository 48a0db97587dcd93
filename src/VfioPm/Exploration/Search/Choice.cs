namespace VfioPm;

/// <summary>What happens next, where it could have been something else.</summary>
/// <param name="Actor">The actor who does something, or -1.</param>
/// <param name="Index">Which of his steps; or which of the events that could be next; or that all of them happen.</param>
/// <param name="Stop">
/// At which stop of the running thread it cuts in, counted from the last choice; <see cref="NoStop"/> where that thread has
/// gone as far as it could by itself.
/// </param>
internal readonly record struct Choice(int Actor, int Index, int Stop)
{
    public const int NoStop = -1;

    private const int Settling = -1;

    public bool IsStep => Actor >= 0;

    public bool IsSettling => Actor < 0 && Index == Settling;

    public bool IsPreemption => Stop != NoStop;

    /// <summary>Its place among those that could be made instead, as numbers to be compared one after the other.</summary>
    public IEnumerable<int> Place =>
        [Stop == NoStop ? int.MaxValue : Stop, IsStep ? Actor : int.MaxValue, IsSettling ? int.MaxValue : Index];

    /// <summary>An actor does something.</summary>
    public static Choice OfStep(int actor, int step) => new(actor, step, NoStop);

    /// <summary>Something that could be next is.</summary>
    public static Choice OfEvent(int index) => new(-1, index, NoStop);

    /// <summary>Nobody does anything, and all that is pending happens in its usual order.</summary>
    public static Choice Settle => new(-1, Settling, NoStop);
}

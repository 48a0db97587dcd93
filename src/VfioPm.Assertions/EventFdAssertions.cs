namespace VfioPm;

/// <summary>Assertions about an eventfd that nobody has read yet.</summary>
public sealed class EventFdAssertions : SimulationAssertions<EventFd, EventFdAssertions>
{
    internal EventFdAssertions(EventFd eventFd)
        : base(eventFd)
    {
    }

    /// <inheritdoc/>
    protected override string Identifier => "eventfd";

    /// <summary>It was signalled so often since it was last read.</summary>
    public AndConstraint<EventFdAssertions> HaveBeenSignalled(
        int times = 1, string because = "", params object[] becauseArgs) =>
        Assert(EventFdCheck.WasSignalled(Subject, times), because, becauseArgs);

    /// <summary>It was not signalled since it was last read.</summary>
    public AndConstraint<EventFdAssertions> NotHaveBeenSignalled(string because = "", params object[] becauseArgs) =>
        HaveBeenSignalled(0, because, becauseArgs);
}

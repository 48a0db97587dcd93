namespace VfioPm;

/// <summary>Questions about an eventfd: how often it was signalled since it was last read.</summary>
public static class EventFdCheck
{
    /// <summary>The eventfd was signalled so often, and nobody has read it since.</summary>
    public static StateCheck WasSignalled(EventFd eventFd, int times)
    {
        ArgumentNullException.ThrowIfNull(eventFd);
        return new StateCheck(
            eventFd.Device?.Core.Clock,
            subject: "the eventfd",
            expected: $"to have been signalled {TimesText.Of(times)}",
            holds: () => eventFd.Count == (ulong)times,
            found: () => $"it was signalled {TimesText.Of(eventFd.Count)}",
            explanation: () => Explain(eventFd))
        {
            IsLasting = times == 0,
        };
    }

    private static Story Explain(EventFd eventFd)
    {
        Story story = new Story().Say(eventFd.IsClosed
            ? "User space has closed it."
            : "Signals that user space has read no longer count.");
        return eventFd.Device is not { } device
            ? story.Say("No device was given it, so that none can signal it.")
            : story.Say($"{device.Name} was given it.").Now(device).Last(
                device.RuntimePm, TraceKind.Operation, TraceKind.Failure, TraceKind.PowerState, TraceKind.RuntimeStatus);
    }
}

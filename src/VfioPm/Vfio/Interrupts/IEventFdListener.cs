namespace VfioPm;

/// <summary>A part of the kernel that acts on an eventfd's signals (<c>struct virqfd</c>).</summary>
internal interface IEventFdListener : INumbered
{
    /// <summary>The eventfd was signalled; whoever acts on that reads it.</summary>
    void OnSignal(EventFd eventFd);
}

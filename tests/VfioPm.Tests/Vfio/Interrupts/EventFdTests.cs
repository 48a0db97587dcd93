namespace VfioPm.Tests;

public sealed class EventFdTests
{
    [Fact]
    public void Signals_add_up_until_they_are_read()
    {
        var eventFd = new EventFd();
        eventFd.Signal();
        eventFd.Signal(2);

        eventFd.Read(out ulong count).Value.Should().Be(8);
        count.Should().Be(3);
        eventFd.Read(out _).Errno.Should().Be(Errno.EAGAIN);
    }

    [Fact]
    public void The_counter_stops_one_below_its_largest_value()
    {
        var eventFd = new EventFd();
        eventFd.Signal(ulong.MaxValue);
        eventFd.Signal();

        eventFd.Count.Should().Be(ulong.MaxValue - 1);
    }

    [Fact]
    public void A_fork_counts_on_its_own()
    {
        var eventFd = new EventFd();
        eventFd.Signal();
        EventFd copy = new ForkContext().Of(eventFd);
        copy.Signal();

        eventFd.Count.Should().Be(1);
        copy.Count.Should().Be(2);
    }
}

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

    [Fact]
    public void One_that_is_closed_or_left_while_it_is_signalled_is_told_to_nobody_who_is_gone()
    {
        List<string> told = [];
        var eventFd = new EventFd();
        var leaves = new Listener(() => told.Add("left already"));
        eventFd.Listen(new Listener(() => told.Add("closed already")));
        eventFd.Listen(leaves);
        eventFd.Listen(new Listener(() =>
        {
            told.Add("closes");
            eventFd.Close();
        }));
        eventFd.Listen(new Listener(() => eventFd.StopListening(leaves)));

        eventFd.Signal();
        eventFd.Signal();

        told.Should().Equal("closes");
    }

    [Fact]
    public void What_a_listener_throws_comes_out_when_all_were_told()
    {
        List<string> told = [];
        EventFd eventFd = new();
        EventFd other = new();
        other.Listen(new Listener(() => told.Add("the other's")));
        eventFd.Listen(new Listener(() => told.Add("the last")));
        eventFd.Listen(new Listener(() => throw new TimeoutException()));
        eventFd.Listen(new Listener(() => other.Signal()));

        eventFd.Invoking(one => one.Signal()).Should().Throw<TimeoutException>();

        told.Should().Equal("the last", "the other's");
    }

    private sealed class Listener(Action act) : IEventFdListener
    {
        public int Index => 0;

        public void OnSignal(EventFd eventFd) => act();

        public IForkable Fork(ForkContext fork) => this;
    }
}

namespace VfioPm.Tests;

/// <summary>Any number of listeners, who come and go, are told in order, and are copied with a fork.</summary>
public sealed class EventChannelTests
{
    private readonly VirtualClock _clock = new();
    private readonly List<string> _told = [];

    [Fact]
    public void Listeners_are_told_in_the_order_in_which_they_joined()
    {
        Join("first");
        Join("second");

        Tell();

        _told.Should().Equal("first", "second");
    }

    [Fact]
    public void Nobody_is_no_listener()
    {
        EventChannel<IOperationListener> channel = _clock.Operations;

        channel.Invoking(static it => it.Add(null!)).Should().Throw<ArgumentNullException>();
        channel.Invoking(static it => it.Remove(null!)).Should().Throw<ArgumentNullException>();
        channel.Invoking(static it => it.Contains(null!)).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void Nobody_is_told_twice()
    {
        Listener listener = Join("only");
        _clock.Operations.Add(listener);

        Tell();

        _told.Should().Equal("only");
        _clock.Operations.Remove(listener).Should().BeTrue();
        _clock.Operations.Remove(listener).Should().BeFalse();
        _clock.Operations.IsHeard.Should().BeFalse();
    }

    [Fact]
    public void A_listener_is_told_from_the_next_event_on_if_it_joins_meanwhile()
    {
        Listener late = new(_told, "late");
        Join("first").Meanwhile = () => _clock.Operations.Add(late);

        Tell();
        _told.Should().Equal("first");

        Tell();
        _told.Should().Equal("first", "first", "late");
    }

    [Fact]
    public void A_listener_is_not_told_from_the_next_event_on_if_it_leaves_meanwhile()
    {
        Listener first = Join("first");
        Listener second = Join("second");
        first.Meanwhile = () =>
        {
            _clock.Operations.Remove(first);
            _clock.Operations.Remove(second);
        };

        Tell();
        Tell();

        _told.Should().Equal("first", "second");
    }

    [Fact]
    public void A_listener_may_bring_about_what_it_is_told_of()
    {
        Listener first = Join("first");
        Join("second");
        first.Meanwhile = () =>
        {
            first.Meanwhile = null;
            Tell();
        };

        Tell();

        _told.Should().Equal("first", "first", "second", "second");
    }

    [Fact]
    public void Listeners_that_are_equal_are_told_each()
    {
        _clock.Operations.Add(new EqualListener(_told));
        _clock.Operations.Add(new EqualListener(_told));

        Tell();

        _told.Should().HaveCount(2);
    }

    [Fact]
    public void A_fork_has_the_copies_of_the_listeners_and_tells_them_alone()
    {
        Listener listener = Join("one");
        ForkContext context = new();

        VirtualClock fork = context.Of(_clock);
        using (fork.Because("opened", "nic"))
        {
        }

        _told.Should().Equal("fork of one");
        fork.Operations.Find<Listener>().Should().BeSameAs(context.Of(listener)).And.NotBeSameAs(listener);
        fork.Operations.Contains(listener).Should().BeFalse();
        var another = new Listener(_told, "another");
        fork.Operations.Add(another);
        _clock.Operations.Contains(another).Should().BeFalse();
    }

    [Fact]
    public void A_listener_of_a_kind_is_found_or_is_not_there()
    {
        _clock.Operations.Find<Listener>().Should().BeNull();
        Join("first");
        Join("second");

        _clock.Operations.Find<Listener>()!.Name.Should().Be("first");
        _clock.Operations.Find<EqualListener>().Should().BeNull();
    }

    [Fact]
    public void Telling_allocates_nothing()
    {
        _clock.Operations.Add(new Silent());
        _clock.Operations.Add(new Silent());
        _clock.TellOperation("opened", "nic");

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            _clock.TellOperation("opened", "nic");
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).Should().Be(0);
    }

    [Fact]
    public void Threads_may_join_at_once()
    {
        Silent[] all = [.. Enumerable.Range(0, 200).Select(_ => new Silent())];

        Parallel.ForEach(all, _clock.Operations.Add);

        all.Should().OnlyContain(listener => _clock.Operations.Contains(listener));
    }

    private Listener Join(string name)
    {
        Listener listener = new(_told, name);
        _clock.Operations.Add(listener);
        return listener;
    }

    private void Tell() => _clock.TellOperation("opened", "nic");

    private sealed class Listener(List<string> told, string name) : IOperationListener
    {
        public string Name => name;

        public Action? Meanwhile { get; set; }

        public void OnOperation(string what, string device)
        {
            told.Add(name);
            Meanwhile?.Invoke();
        }

        public void OnReturn(string what, string device, int result)
        {
        }

        public IForkable Fork(ForkContext fork) => new Listener(told, $"fork of {name}");
    }

    private sealed record EqualListener(List<string> Told) : IOperationListener
    {
        public void OnOperation(string what, string device) => Told.Add(what);

        public void OnReturn(string what, string device, int result)
        {
        }

        public IForkable Fork(ForkContext fork) => this;
    }

    private sealed class Silent : IOperationListener
    {
        public void OnOperation(string what, string device)
        {
        }

        public void OnReturn(string what, string device, int result)
        {
        }

        public IForkable Fork(ForkContext fork) => this;
    }
}

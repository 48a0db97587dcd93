namespace VfioPm.Tests;

public sealed class EventQueueTests
{
    private const int Many = 2000;

    private readonly Random _random = new(1);
    private readonly EventQueue _queue = new();
    private readonly List<ScheduledEvent> _plain = [];
    private long _sequence;

    [Fact]
    public void However_many_come_and_go_they_are_in_the_order_of_their_moments_and_then_of_scheduling()
    {
        for (int i = 0; i < Many; i++)
        {
            Insert(TimeSpan.FromSeconds(_random.Next(Many / 4)));
        }

        for (int i = 0; i < 2 * Many; i++)
        {
            switch (_random.Next(4))
            {
                case 0:
                    Insert(TimeSpan.FromSeconds(_random.Next(Many / 4)));
                    break;
                case 1 when _plain.Count > 0:
                    int place = _random.Next(Math.Min(300, _plain.Count));
                    _queue.Take(place).Should().Be(_plain[place]);
                    _plain.RemoveAt(place);
                    break;
                case 2 when _plain.Count > 0:
                    ScheduledEvent cancelled = _plain[_random.Next(_plain.Count)];
                    _queue.Remove(cancelled.Target, cancelled.Tag).Should().BeTrue();
                    _plain.Remove(cancelled);
                    break;
                default:
                    _queue.FindSequence(_plain[^1].Sequence).Should().Be(_plain.Count - 1);
                    break;
            }
        }

        _queue.Events.Should().Equal(_plain);
    }

    [Fact]
    public void When_all_have_been_taken_it_is_as_it_was_at_first()
    {
        for (int i = 0; i < Many; i++)
        {
            Insert(TimeSpan.FromSeconds(i % 7));
        }

        List<ScheduledEvent> taken = [];
        while (_queue.Count > 0)
        {
            taken.Add(_queue.Take(0));
        }

        taken.Should().Equal(_plain);
        _plain.Clear();
        Insert(TimeSpan.FromSeconds(1));
        _queue.Events.Should().Equal(_plain);
    }

    [Fact]
    public void A_fork_has_those_that_are_the_hosts_and_leaves_the_others_out()
    {
        for (int i = 0; i < Many; i++)
        {
            Insert(TimeSpan.FromSeconds(i));
        }

        var copy = new EventQueue(_queue, new ForkContext());

        copy.Events.Select(item => item.Due).Should().Equal(_plain.Where(item => item.Target.IsForked).Select(item => item.Due));
        copy.Count.Should().Be(_plain.Count(item => item.Target.IsForked));
    }

    [Fact]
    public void A_fork_needs_no_room_for_what_it_leaves_out()
    {
        for (int i = 0; i < Many; i++)
        {
            _queue.Insert(new ScheduledEvent(TimeSpan.FromSeconds(i), TimeSpan.FromSeconds(i), i, new Target(isForked: i is > 500 and < 510), Tag: 0));
        }

        var copy = new EventQueue(_queue, new ForkContext());

        (copy.Count, copy.NextDue, copy[8].Due).Should().Be((9, TimeSpan.FromSeconds(501), TimeSpan.FromSeconds(509)));
        copy.Events.Should().HaveCount(9);
        copy.Insert(new ScheduledEvent(TimeSpan.Zero, TimeSpan.Zero, Many, new Target(isForked: true), Tag: 0));
        copy.Events.Select(static item => item.Due.TotalSeconds).Should().StartWith([0, 501, 502]).And.HaveCount(10);
    }

    [Fact]
    public void Of_very_many_sleeps_those_that_may_be_over_are_taken_in_their_order()
    {
        for (int i = 0; i < Many; i++)
        {
            Insert(TimeSpan.FromSeconds(_random.Next(Many)), slack: TimeSpan.FromSeconds(i % 5 == 0 ? _random.Next(20) : 0));
        }

        TimeSpan moment = TimeSpan.FromSeconds(Many / 2);
        List<ScheduledEvent> taken = [];
        while (_queue.TryTakeShortable(moment, out ScheduledEvent sleep))
        {
            taken.Add(sleep);
        }

        taken.Should().Equal(_plain.Where(item => item.Slack > TimeSpan.Zero && item.Due > moment && item.Due - item.Slack <= moment));
        taken.Should().NotBeEmpty();
        _queue.Events.Should().Equal(_plain.Except(taken));
        _queue.IsAnyShortable(moment).Should().BeFalse();
    }

    [Fact]
    public void A_fork_has_the_sleeps_that_may_be_shorter()
    {
        var sleep = new ScheduledEvent(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2), Sequence: 0, new Target(isForked: true), Tag: 0);
        _queue.Insert(sleep with { Slack = TimeSpan.FromSeconds(1) });

        new EventQueue(_queue, new ForkContext()).IsAnyShortable(TimeSpan.FromSeconds(1)).Should().BeTrue();
    }

    [Fact]
    public void What_is_held_does_not_come()
    {
        var held = new ScheduledEvent(ScheduledEvent.Held, ScheduledEvent.Held, Sequence: -1, new Target(isForked: true), Tag: 0);
        _queue.Insert(held);

        (_queue.HasAnyThatDoesNotRecur, _queue.IsAllPeriodic).Should().Be((false, true));

        Insert(TimeSpan.FromSeconds(1));
        (_queue.HasAnyThatDoesNotRecur, _queue.IsAllPeriodic).Should().Be((true, false));
    }

    private void Insert(TimeSpan due, TimeSpan slack = default)
    {
        var added = new ScheduledEvent(due, due, _sequence++, new Target(isForked: _sequence % 3 != 0), Tag: 0) { Slack = slack };
        _queue.Insert(added);
        int place = _plain.FindIndex(other => other.Due > due);
        _plain.Insert(place < 0 ? _plain.Count : place, added);
    }

    private sealed class Target(bool isForked) : IEventTarget
    {
        public int Index => 0;

        public bool IsForked => isForked;

        public void Run(int tag)
        {
        }

        public Cause Describe(int tag) => new("nothing");

        public IForkable Fork(ForkContext fork) => new Target(isForked);
    }
}

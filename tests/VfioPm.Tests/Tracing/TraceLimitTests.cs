namespace VfioPm.Tests;

/// <summary>A trace that may have so many entries forgets the oldest, and says so.</summary>
public sealed class TraceLimitTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_1);
    private readonly RuntimePmDevice _device;

    public TraceLimitTests()
    {
        _device = _host.RuntimePm.AddActive("custom");
        _host.Trace.Clear();
    }

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1000)]
    public void It_has_the_last_so_many_entries(int limit)
    {
        Use(600);
        TraceEntry[] all = [.. _host.Trace.Entries];

        _host.Trace.Limit = limit;
        _host.Trace.Entries.Should().Equal(all.TakeLast(limit), "some were forgotten at once");

        using SimulatedHost unbounded = _host.Fork();
        unbounded.Trace.Limit = null;
        Use(600);
        Use(600, unbounded.RuntimePm.Devices[0]);

        _host.Trace.Entries.Should().Equal(unbounded.Trace.Entries.TakeLast(limit), "and others one by one");
        _host.Trace.Recorded.Should().Be(2 * all.Length);
        _host.Trace.After(all.Length).Should().Equal(unbounded.Trace.After(all.Length).TakeLast(limit));
    }

    [Fact]
    public void What_it_says_begins_behind_what_it_forgot()
    {
        _host.Trace.Limit = 10;
        Use(20);

        TimeSpan begin = _host.Trace.Begin;

        (begin > TimeSpan.Zero).Should().BeTrue();
        _host.Trace.Entries.Count(entry => entry.Time >= begin).Should().BeInRange(1, 10);
        string first = _host.Trace.ToTimeline().ToString().Split(Environment.NewLine)[0];
        first.Should().MatchRegex(@"^ *\d\.\d+ s  \d+ entries up to here were forgotten: the trace has at most 10$");
        _host.Trace.ToTimeline().Since(begin).ToString().Should().NotContain("forgotten", "nobody asked for it");
        _host.Trace.ToTimeline().Last(2).ToString().Should().NotContain("forgotten", "nobody asked for it");
        _host.Trace.ToTimeline().After((int)_host.Trace.Recorded - 3).ToString().Should().NotContain("forgotten");
        FluentActions.Invoking(() => _host.Trace.RefuseUnknown(begin - TimeSpan.FromTicks(1)))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("The trace begins at*");
    }

    [Fact]
    public void A_timeline_of_all_says_nothing_of_the_kind()
    {
        _host.Trace.Limit = 10_000;
        Use(20);

        _host.Trace.ToTimeline().ToString().Should().NotContain("forgotten");
        _host.Trace.Begin.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void Cleared_it_has_forgotten_nothing()
    {
        _host.Trace.Limit = 2;
        Use(20);

        _host.Trace.Clear();
        _host.Trace.Recorded.Should().Be(0);
        _host.Trace.ToTimeline().ToString().Should().BeEmpty();
    }

    [Fact]
    public void Who_looks_at_entries_sees_what_there_was_when_he_asked()
    {
        Use(3);
        IReadOnlyList<TraceEntry> before = _host.Trace.Entries;
        TraceEntry[] copy = [.. before];

        Use(500);
        _host.Trace.Limit = 1;
        _host.Trace.Clear();

        before.Should().Equal(copy);
        before.Count.Should().Be(copy.Length);
        FluentActions.Invoking(() => before[copy.Length]).Should().Throw<ArgumentOutOfRangeException>();
        before.Should().NotBeAssignableTo<ICollection<TraceEntry>>("nobody can clear it");
    }

    [Fact]
    public void A_fork_and_its_original_record_each_for_itself()
    {
        Use(100);
        using SimulatedHost fork = _host.Fork();
        int before = _host.Trace.Entries.Count;

        Use(1);
        _host.Trace.Entries[^1].Should().NotBe(fork.Trace.Entries[^1]);
        Use(2, fork.RuntimePm.Devices[0]);

        fork.Trace.Entries.Take(before).Should().Equal(_host.Trace.Entries.Take(before));
        fork.Trace.Entries.Skip(before).Take(3).Should().Equal(_host.Trace.Entries.Skip(before).Take(3));
        (fork.Trace.Entries.Count > _host.Trace.Entries.Count).Should().BeTrue();
    }

    [Fact]
    public void None_is_no_limit_and_less_is_refused()
    {
        FluentActions.Invoking(() => _host.Trace.Limit = 0).Should().Throw<ArgumentOutOfRangeException>();

        _host.Trace.Limit.Should().BeNull();
    }

    private void Use(int times) => Use(times, _device);

    private static void Use(int times, RuntimePmDevice device)
    {
        for (int i = 0; i < times; i++)
        {
            device.GetSync();
            device.Core.Clock.Advance(TimeSpan.FromMilliseconds(1));
            device.Put();
        }
    }

    [Fact]
    public void What_was_read_or_forked_stays_when_the_trace_is_cleared_and_goes_on()
    {
        using var host = new SimulatedHost(KernelProfile.RfcV1);
        host.AddEndpoint("0000:00:05.0");
        IReadOnlyList<TraceEntry> read = host.Trace.Entries;
        TraceEntry[] before = [.. read];
        using SimulatedHost copy = host.Fork();

        host.Trace.Clear();
        host.AddEndpoint("0000:00:06.0");

        read.Should().Equal(before);
        copy.Trace.Entries.Should().Equal(before);
        host.Trace.Entries.Should().OnlyContain(entry => entry.Device != "0000:00:05.0");
    }
}

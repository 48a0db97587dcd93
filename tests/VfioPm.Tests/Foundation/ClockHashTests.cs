namespace VfioPm.Tests;

/// <summary>What a clock shows, and what is pending on it, tells its state from others.</summary>
public sealed class ClockHashTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void What_is_pending_counts_with_its_moments_and_who_is_woken_what_for()
    {
        var one = new ScheduledEvent(Second, Second, Sequence: 1, new Target(0), Tag: 0);

        new[]
        {
            HashOf(),
            HashOf(one),
            HashOf(one with { Due = 2 * Second }),
            HashOf(one with { Latest = 2 * Second }),
            HashOf(one with { Slack = Second }),
            HashOf(one with { Sequence = ScheduledEvent.Callers }),
            HashOf(one with { Sequence = ScheduledEvent.Sleepers }),
            HashOf(one with { Target = new Target(1) }),
            HashOf(one with { Target = new OtherTarget(0) }),
            HashOf(one with { Tag = 1 }),
            HashOf(one with { Due = ScheduledEvent.Held, Latest = ScheduledEvent.Held }),
            HashOf(one, one with { Tag = 1, Sequence = 2 }),
            HashOf(one with { Tag = 1 }, one with { Sequence = 2 }),
        }
        .Should().OnlyHaveUniqueItems();
        HashOf(one with { Sequence = 7 }).Should().Be(HashOf(one), "the numbers themselves are of no account");

        static ulong HashOf(params ScheduledEvent[] events)
        {
            EventQueue queue = new();
            foreach (ScheduledEvent item in events)
            {
                queue.Insert(item);
            }

            return StateHashes.Of((ref hash) => queue.AddTo(ref hash, MachineParts.Whole));
        }
    }

    [Fact]
    public void What_it_shows_and_who_stands_still_counts()
    {
        VirtualClock asleep = new() { Standstill = new Sleep(null) };
        VirtualClock frozen = new();
        frozen.Freeze(Frozen.Work);
        VirtualClock other = new();
        other.Freeze(Frozen.Users);

        VirtualClock busy = new();
        busy.Schedule(Second, new Target(0), 0);

        new[] { new VirtualClock(), new VirtualClock(Second), asleep, frozen, other, busy }.Select(clock => StateHashes.Of(clock.AddTo))
            .Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Moments_count_from_the_present_or_from_boot()
    {
        HashOf(StateHash.At(Second), 3).Should().Be(HashOf(StateHash.At(2 * Second), 4)).And.NotBe(HashOf(StateHash.At(2 * Second), 3));
        HashOf(StateHash.Empty, 3).Should().NotBe(HashOf(StateHash.Empty, 4)).And.Be(HashOf(StateHash.At(TimeSpan.Zero), 3));

        static ulong HashOf(StateHash hash, int moment)
        {
            hash.AddMoment(moment * Second);
            return hash.Value;
        }
    }

    [Fact]
    public void Between_parts_that_have_nothing_in_common_there_is_no_order()
    {
        MachineParts parts = new([["nic", "port"], ["disk"]]);

        HashOf("nic", "disk").Should().Be(HashOf("disk", "nic"));
        new[] { HashOf("nic", "port"), HashOf("port", "nic"), HashOf("nic", "disk"), HashOf("nic", null), HashOf(null, "nic") }
            .Should().OnlyHaveUniqueItems();

        ulong HashOf(string? first, string? second)
        {
            EventQueue queue = new();
            queue.Insert(new ScheduledEvent(Second, Second, Sequence: 1, new Target(NumberOf(first), first), Tag: 0));
            queue.Insert(new ScheduledEvent(Second, Second, Sequence: 2, new Target(NumberOf(second), second), Tag: 0));
            return StateHashes.Of((ref hash) => queue.AddTo(ref hash, parts));
        }

        static int NumberOf(string? name) => Array.IndexOf(["nic", "port", "disk"], name);
    }

    [Fact]
    public void What_is_of_no_part_may_matter_to_all_of_them()
    {
        MachineParts parts = new([["nic", "port"], ["disk"]]);

        (parts.PartOf("nic"), parts.PartOf("port"), parts.PartOf("disk"), parts.PartOf("other"), parts.PartOf(null)).Should().Be((1, 1, 2, 0, 0));
        (parts.MayMatter("nic", "port"), parts.MayMatter("nic", "disk"), parts.MayMatter("other", "disk"), parts.MayMatter("disk", null))
            .Should().Be((true, false, true, true));
        (parts.Concerns(1, "nic"), parts.Concerns(2, "nic"), parts.Concerns(2, null)).Should().Be((true, false, true));
        (MachineParts.Whole.Last, MachineParts.Whole.PartOf("nic")).Should().Be((1, 0));
    }

    [Fact]
    public void In_a_fork_the_machine_has_the_same_parts_and_its_devices_the_same_aliases()
    {
        VirtualClock clock = new() { Parts = new([["nic"], ["disk"]]), Aliases = DeviceAliases.None.With("nic", "gpu") };

        VirtualClock fork = new ForkContext().Of(clock);

        fork.Parts.Should().BeSameAs(clock.Parts);
        fork.Aliases.Of("nic").Should().Be("gpu");
    }

    [Fact]
    public void A_secret_counts_and_whether_there_is_one()
    {
        Guid first = new("11111111-2222-3333-4444-555555555555");
        Guid second = new("11111111-2222-3333-4444-555555555556");

        new Guid?[] { null, Guid.Empty, first, second }.Select(secret => StateHashes.Of((ref hash) => hash.Add(secret))).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_text_counts_in_its_place_and_so_does_that_there_is_none()
    {
        new[] { HashOf("x", null), HashOf(null, "x"), HashOf(null, null), HashOf("", ""), HashOf("x", "") }.Should().OnlyHaveUniqueItems();

        static ulong HashOf(string? first, string? second) => StateHashes.Of((ref hash) =>
        {
            hash.Add(first);
            hash.Add(second);
        });
    }

    [Fact]
    public void What_is_shared_is_told_apart_by_who_is_mentioned_first()
    {
        object one = new();
        object other = new();
        StateHash hash = StateHash.Empty;

        (hash.AddMention(one), hash.AddMention(other), hash.AddMention(one), hash.AddMention(other)).Should().Be((true, true, false, false));
        HashOf(one, other, one).Should().Be(HashOf(other, one, other)).And.NotBe(HashOf(one, other, other));

        static ulong HashOf(params object[] mentioned)
        {
            StateHash hash = StateHash.Empty;
            foreach (object it in mentioned)
            {
                hash.AddMention(it);
            }

            return hash.Value;
        }
    }

    private class Target(int index, string? device = null) : IEventTarget
    {
        public int Index => index;

        public string? HostDevice => device;

        public void Run(int tag)
        {
        }

        public Cause Describe(int tag) => new("nothing");

        public IForkable Fork(ForkContext fork) => new Target(index, device);
    }

    private sealed class OtherTarget(int index) : Target(index);

    private sealed class Sleep(TimeSpan? untilAlarm) : IStandstill
    {
        public TimeSpan? UntilAlarm => untilAlarm;

        public void Pass(TimeSpan duration)
        {
        }

        public IForkable Fork(ForkContext fork) => new Sleep(untilAlarm);
    }
}

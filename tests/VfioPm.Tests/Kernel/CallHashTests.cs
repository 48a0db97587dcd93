namespace VfioPm.Tests;

/// <summary>Where the calls that are under way stand counts for the hash of the state.</summary>
public sealed partial class CallHashTests
{
    private static readonly Dictionary<string, Func<RuntimePmCore, KernelCall<int>>> Others = new()
    {
        ["function"] = static core => UseTwiceToo(core.Devices[0], RpmFlags.None, 0, 0),
        ["device"] = static core => UseTwice(core.Devices[1], RpmFlags.None, 0, 0),
        ["flags"] = static core => UseTwice(core.Devices[0], RpmFlags.NoWait, 0, 0),
        ["argument"] = static core => UseTwice(core.Devices[0], RpmFlags.None, 1, 0),
        ["result so far"] = static core => UseTwice(core.Devices[0], RpmFlags.None, 0, 1),
        ["decision"] = static core => UseTwice(core.Devices[0], RpmFlags.None, 0, 0, holdsReference: true),
        ["caller"] = static core => CallOne(core.Devices[0]),
    };

    private readonly RuntimePmCore _core = new();
    private readonly RuntimePmDevice _nic;

    public CallHashTests() => _nic = _core.AddActive("nic");

    public static TheoryData<string> Differences => [.. Others.Keys];

    [Theory]
    [MemberData(nameof(Differences))]
    public void Each_thing_that_a_call_in_the_middle_remembers_counts(string difference) =>
        HashWith(Others[difference]).Should().NotBe(HashWith(UseNic));

    [Fact]
    public void What_decides_who_goes_on_and_when_counts()
    {
        ulong before = HashOf(_core);
        _core.Kernel.GivesWay ^= true;
        ulong givesWay = HashOf(_core);
        _core.Kernel.GivesWay ^= true;
        _core.Kernel.JiffiesAtBoot++;
        ulong tick = HashOf(_core);
        _core.Kernel.JiffiesAtBoot--;
        HashOf(_core).Should().Be(before);
        _core.Kernel.Scheduler = new PreemptsEverywhere();
        ulong scheduler = HashOf(_core);
        _core.Kernel.Scheduler = new PreemptsNowhere();
        ulong another = HashOf(_core);

        new[] { before, givesWay, tick, scheduler, another }.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Which_locks_a_thread_holds_and_which_it_waits_for_counts()
    {
        new[] { HashOfHolder(0), HashOfHolder(1), HashOfHolder(0, 1), HashOfHolder(1, 0), HashOfHolder(), HashOfWaiter(0), HashOfWaiter(1) }
            .Should().OnlyHaveUniqueItems();

        static ulong HashOfHolder(params int[] devices) => HashOfThread(core => Hold(
            core.Devices[2],
            devices.Length > 0 ? core.Devices[devices[0]].Lock : null,
            devices.Length > 1 ? core.Devices[devices[1]].Lock : null));

        static ulong HashOfWaiter(int device) => HashOfThread(core =>
        {
            core.Devices[device].Lock.TryTakeFromOutside();
            return Hold(core.Devices[2], core.Devices[device].Lock, null);
        });

        static ulong HashOfThread(Func<RuntimePmCore, KernelCall<int>> call)
        {
            RuntimePmCore core = new();
            core.AddActive("nic");
            core.AddActive("disk");
            core.AddActive("port");
            Begin(core, call);
            return HashOf(core.Kernel.Threads.Single());
        }
    }

    /// <summary>No local of a function needs to tell of it.</summary>
    [Fact]
    public void Whose_lock_a_thread_holds_and_whom_it_waits_for_counts_where_its_frames_do_not_tell()
    {
        new[] { HashOfThread(HoldLockOfCounted, 0), HashOfThread(HoldLockOfCounted, 1) }.Should().OnlyHaveUniqueItems();
        new[] { HashOfThread(WaitForCounted, 0), HashOfThread(WaitForCounted, 1) }.Should().OnlyHaveUniqueItems();

        static ulong HashOfThread(Func<RuntimePmDevice, KernelCall<int>> call, int other)
        {
            RuntimePmCore core = new();
            core.AddActive("nic");
            core.AddActive("disk");
            core.AddActive("port").UsageCount = other;
            Begin(core, core => call(core.Devices[2]));
            return HashOf(core.Kernel.Threads.Single());
        }
    }

    [Fact]
    public void Who_waits_for_the_end_of_a_call_counts()
    {
        new[] { HashOfFirst(isJoined: false), HashOfFirst(isJoined: true), HashOfFirst(isJoined: true, others: 1), HashOfFirst(isJoined: true, others: 2) }
            .Should().OnlyHaveUniqueItems();

        static ulong HashOfFirst(bool isJoined, int others = 0)
        {
            RuntimePmCore core = new();
            core.AddActive("nic");
            Begin(core, UseNic);
            for (int other = 0; other < others; other++)
            {
                Begin(core, UseNic);
            }

            if (isJoined)
            {
                Begin(core, core => JoinFirst(core.Devices[0], core.Kernel.Threads[0]));
            }

            return HashOf(core.Kernel.Threads[0]);
        }
    }

    /// <summary>A device is not its lock, though both have one number.</summary>
    [Fact]
    public void What_kind_of_thing_a_thread_waits_for_counts()
    {
        RuntimePmCore core = new();
        RuntimePmDevice nic = core.AddActive("nic");
        Begin(core, core => WaitFor(core.Kernel, nic));
        Begin(core, core => WaitFor(core.Kernel, nic.Lock));

        core.Kernel.Threads.Select(HashOf).Should().OnlyHaveUniqueItems();
    }

    /// <summary>Who calls waits for what comes of it, or asks later: what it throws goes to another then.</summary>
    [Fact]
    public void Whether_somebody_takes_what_comes_of_a_call_counts()
    {
        _nic.Callbacks = Rpm.Slow(suspend: 100);
        RuntimePmCore begun = _core.Fork();
        ulong taken = 0;
        using ITimer look = _core.Clock.CreateTimer(
            _ => taken = HashOf(_core.Kernel.Threads.Single()), null, TimeSpan.FromMilliseconds(50), Timeout.InfiniteTimeSpan);

        _nic.Suspend();
        begun.Devices[0].BeginSuspend();

        taken.Should().NotBe(0).And.NotBe(HashOf(begun.Kernel.Threads.Single()));
    }

    [Fact]
    public void How_its_kernel_is_built_counts()
    {
        VirtualClock clock = _core.Clock;

        new[]
        {
            HashOf(new Kernel(clock, 1)),
            HashOf(new Kernel(clock, 1) { WokenCallersPreempt = true }),
            HashOf(new Kernel(clock, 1) { MsleepAddsTick = true }),
        }
        .Should().OnlyHaveUniqueItems();

        static ulong HashOf(Kernel kernel) => StateHashes.Of(kernel.AddTo);
    }

    [Fact]
    public void How_a_thread_waits_counts()
    {
        WaitKind[] kinds = [WaitKind.Woken, WaitKind.WokenInTime, WaitKind.Preempted, WaitKind.Resched];

        kinds.Select(HashOfThreadThatWaits).Should().OnlyHaveUniqueItems();
        kinds.Select(HashOfThreadThatWaits).Should().Equal(kinds.Select(HashOfThreadThatWaits));

        static ulong HashOfThreadThatWaits(WaitKind kind)
        {
            RuntimePmCore core = new();
            core.AddActive("nic").UsageCount = (int)kind;
            Begin(core, core => WaitAsCounted(core.Devices[0]));
            return HashOf(core.Kernel.Threads.Single());
        }
    }

    [Fact]
    public void Two_calls_that_stand_at_the_same_place_have_the_same_hash() =>
        HashWith(UseNic).Should().Be(HashWith(UseNic));

    [Fact]
    public void The_place_where_a_call_waits_counts_and_how_many_do_and_who()
    {
        Begin(_core, UseNic);
        ulong atFirst = HashOf(_core);
        RuntimePmCore goesOn = _core.Fork();
        WakeAll(goesOn);
        RuntimePmCore hasTwo = _core.Fork();
        Begin(hasTwo, UseNic);
        RuntimePmCore hasWorker = new();
        hasWorker.AddActive("nic");
        using (KernelEntry entry = KernelEntry.Worker(hasWorker.Kernel, ThreadKind.Worker, null, "nic"))
        {
            entry.Start(UseNic(hasWorker));
        }

        new[] { atFirst, HashOf(goesOn), HashOf(hasTwo), HashOf(hasWorker) }.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_call_that_waits_counts_and_so_does_that_it_was_woken()
    {
        _nic.Callbacks = Rpm.Slow(suspend: 100);
        _nic.BeginSuspend();
        ulong before = HashOf(_core);

        _nic.BeginResume();
        ulong asleep = HashOf(_core);
        _nic.WakeWaiters();
        ulong woken = HashOf(_core);

        new[] { before, asleep, woken }.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void What_a_call_that_waits_will_do_counts()
    {
        HashWithWaiting(static nic => nic.BeginSuspend()).Should().NotBe(HashWithWaiting(static nic => nic.BeginResume()));

        static ulong HashWithWaiting(Func<RuntimePmDevice, PendingCall> begin)
        {
            RuntimePmCore core = new();
            RuntimePmDevice nic = core.AddActive("nic", callbacks: Rpm.Slow(suspend: 100));
            nic.BeginSuspend();
            begin(nic).IsCompleted.Should().BeFalse();
            return HashOf(core);
        }
    }

    [Fact]
    public void Threads_of_parts_that_have_nothing_in_common_are_numbered_apart()
    {
        _core.AddActive("disk");
        _core.Clock.Parts = new MachineParts([["nic"], ["disk"]]);
        Begin(_core, static core => UseTwice(core.Devices[0], RpmFlags.None, 0, 0), "nic");
        Begin(_core, static core => UseTwice(core.Devices[1], RpmFlags.None, 0, 0), "disk");

        _core.Kernel.Threads.Select(_core.Kernel.PlaceOf).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void The_part_of_the_machine_that_a_thread_is_about_counts()
    {
        HashOfSleeper("nic").Should().NotBe(HashOfSleeper("disk"));

        static ulong HashOfSleeper(string device)
        {
            RuntimePmCore core = new();
            core.Clock.Parts = new MachineParts([["nic"], ["disk"]]);
            Begin(core, static core => GiveWay(core.Kernel), device);
            return StateHashes.Of(core.Kernel.AddTo);
        }
    }

    [Fact]
    public void What_an_ended_call_threw_counts_for_whoever_will_ask()
    {
        new[] { HashWithThrown(null), HashWithThrown(new NotImplementedException()), HashWithThrown(new InvalidCastException()) }
            .Should().OnlyHaveUniqueItems();

        static ulong HashWithThrown(Exception? thrown)
        {
            RuntimePmCore core = new();
            var ended = new KernelThread(core.Kernel);
            ended.EndWith(0);
            if (thrown is not null)
            {
                ((ICallUnderWay)ended).Keep(thrown);
            }

            Begin(core, core => AskFor(core.AddActive("nic"), ended));
            return HashOf(core);
        }
    }

    [Fact]
    public void What_an_ended_call_returned_counts_for_whoever_will_ask()
    {
        HashWithEnded(0).Should().NotBe(HashWithEnded(1));
        HashWithEnded(1).Should().Be(HashWithEnded(1));

        static ulong HashWithEnded(int result)
        {
            RuntimePmCore core = new();
            var ended = new KernelThread(core.Kernel);
            ended.EndWith(result);
            Begin(core, core => AskFor(core.AddActive("nic"), ended));
            return HashOf(core);
        }
    }

    [Fact]
    public void A_call_that_slept_and_returned_leaves_nothing_behind()
    {
        RuntimePmCore other = new();
        other.AddActive("nic").Suspend();

        _nic.Callbacks = Rpm.Slow(suspend: 100);
        _nic.BeginSuspend();
        _core.Advance(100);
        _nic.Callbacks = new DriverCallbacks();

        HashOf(_core).Should().Be(HashOf(other));
    }

    [Fact]
    public void A_call_that_returned_leaves_nothing_behind()
    {
        ulong before = HashOf(_core);

        _nic.GetSync();
        HashOf(_core).Should().NotBe(before, "the device is in use");
        _nic.PutNoIdle();

        HashOf(_core).Should().Be(before);
    }

    [Fact]
    public void Inside_a_call_there_is_no_state_to_hash()
    {
        _nic.Callbacks = new DriverCallbacks
        {
            Suspend = static suspending =>
            {
                suspending.Core.Invoking(static core => HashOf(core)).Should().Throw<InvalidOperationException>();
                return 0;
            },
        };

        _nic.Suspend().Should().Be(KernelResult.Success);
    }

    [Fact]
    public void A_fork_of_a_call_in_the_middle_has_its_hash_and_ends_with_its_hash()
    {
        Begin(_core, static core => CallOne(core.Devices[0]));
        RuntimePmCore fork = _core.Fork();
        HashOf(fork).Should().Be(HashOf(_core));

        Finish(fork);
        _nic.UsageCount.Should().Be(0, "the original still waits");
        Finish(_core);

        fork.Devices[0].UsageCount.Should().Be(1);
        _nic.UsageCount.Should().Be(1);
        HashOf(fork).Should().Be(HashOf(_core));

        static void Finish(RuntimePmCore core)
        {
            WakeAll(core);
            core.Kernel.Threads.Should().ContainSingle().Which.Stack.Should()
                .Equal("CallHashTests.UseTwice", "CallHashTests.CallOne");
            WakeAll(core);
            core.Kernel.Threads.Should().BeEmpty();
        }
    }

    private static ulong HashWith(Func<RuntimePmCore, KernelCall<int>> call)
    {
        RuntimePmCore core = new();
        core.AddActive("nic");
        core.AddActive("disk");
        Begin(core, call);
        return HashOf(core);
    }

    private static void Begin(RuntimePmCore core, Func<RuntimePmCore, KernelCall<int>> call, string device = "nic")
    {
        using KernelEntry entry = KernelEntry.Begin(core.Kernel, device);
        entry.Start(call(core)).IsCompleted.Should().BeFalse();
    }

    private static void WakeAll(RuntimePmCore core)
    {
        core.Devices[0].WakeWaiters();
        core.Clock.RunPending();
    }

    private static ulong HashOf(KernelThread thread) => StateHashes.Of(thread.AddTo);

    private static ulong HashOf(RuntimePmCore core) => StateHashes.Of(core.AddTo);
}

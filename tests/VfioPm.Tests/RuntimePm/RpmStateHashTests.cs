namespace VfioPm.Tests;

/// <summary>Each thing that a device remembers counts for the hash of its state.</summary>
public sealed class RpmStateHashTests
{
    private static readonly Dictionary<string, Action<RuntimePmDevice>> Changes = new()
    {
        ["usage count"] = static device => device.GetNoResume(),
        ["child count"] = static device => device.ChildCount++,
        ["disable depth"] = static device => device.DisableDepth++,
        ["error"] = static device => device.Error = -Errno.EIO,
        ["request that is not done"] = static device => device.RequestPending = true,
        ["request"] = static device => device.Request = RuntimePmRequest.Idle,
        ["deferred resume"] = static device => device.DeferredResume = true,
        ["idle notification"] = static device => device.IdleNotification = true,
        ["use of autosuspend"] = static device => WhileHeld(device, static held => held.SetUseAutosuspend(true)),
        ["autosuspend delay"] = static device => WhileHeld(device, static held => held.SetAutosuspendDelay(100)),
        ["last use"] = static device => device.MarkLastBusy(),
        ["timer"] = static device => device.ScheduleSuspend(100),
        ["user space's control"] = static device =>
        {
            device.Forbid();
            device.PutNoIdle();
        },
        ["ignoring children"] = static device => device.SetIgnoreChildren(true),
        ["no callbacks"] = static device => device.SetNoCallbacks(),
        ["interrupts disabled"] = static device => device.SetIrqSafe(),
        ["resume latency"] = static device => device.AddResumeLatencyRequest(1),
        ["status"] = static device => device.SetStatus(RuntimeStatus.Suspending),
        ["supplier"] = static device => device.AddSupplier(device.Core.AddActive("clock")),
        ["suspending beside others"] = static device => device.SuspendsAsync = false,
        ["runtime suspend that the driver has"] = static device => device.Callbacks = new DriverCallbacks { Suspend = null },
        ["runtime resume that the driver has"] = static device => device.Callbacks = new DriverCallbacks { Resume = null },
        ["runtime idle that the driver has"] = static device => device.Callbacks = Rpm.Idling(0),
        ["system sleep that the driver has"] = static device => device.Callbacks = new DriverCallbacks { SystemSleep = static (_, _) => 0 },
        ["flags of the driver"] = static device => device.Callbacks = new DriverCallbacks { DriverFlags = DriverSleepFlags.SmartSuspend },
        ["time that a suspend takes"] = static device => device.Callbacks = Rpm.Slow(suspend: 1),
        ["time that a resume takes"] = static device => device.Callbacks = Rpm.Slow(resume: 1),
        ["lock that somebody holds"] = static device => device.Lock.TryTakeFromOutside(),
        ["way to a system sleep"] = static device => device.Sleep.IsPrepared = true,
        ["wake interrupt"] = static device => device.SetDedicatedWakeIrq(),
        ["domain"] = static device => device.Domain = new DriverCallbacks(),
        ["what the callbacks remember"] = static device => device.Callbacks = new RememberingCallbacks(),
    };

    private static readonly Dictionary<string, DeviceSleep> Sleeps = new()
    {
        ["is_prepared"] = new() { IsPrepared = true },
        ["is_suspended"] = new() { IsSuspended = true },
        ["is_late_suspended"] = new() { IsLateSuspended = true },
        ["is_noirq_suspended"] = new() { IsNoirqSuspended = true },
        ["direct_complete"] = new() { DirectComplete = true },
        ["smart_suspend"] = new() { SmartSuspend = true },
        ["may_skip_resume"] = new() { MaySkipResume = true },
        ["must_resume"] = new() { MustResume = true },
    };

    // Two histories that end alike but for one thing.
    private static readonly Dictionary<string, (Action<RuntimePmDevice>, Action<RuntimePmDevice>)> Differences = new()
    {
        ["status at the time of disabling"] = (
            static device =>
            {
                device.Disable();
                device.SetSuspended();
            },
            static device =>
            {
                device.Suspend();
                device.Disable();
            }
        ),
        ["timer that autosuspends"] = (
            static device =>
            {
                WhileHeld(device, UseAutosuspend);
                device.RequestAutosuspend();
            },
            static device =>
            {
                WhileHeld(device, UseAutosuspend);
                device.ScheduleSuspend(90);
            }
        ),
        ["resume that the end of a system sleep owes"] = (
            static device =>
            {
                device.GetNoResume();
                device.GetNoResume();
                device.ForceSuspend();
            },
            static device =>
            {
                device.Disable();
                device.SetSuspended();
                device.GetNoResume();
                device.GetNoResume();
            }
        ),
        ["how tight a resume latency is"] = (
            static device => device.AddResumeLatencyRequest(0),
            static device => device.AddResumeLatencyRequest(100)),
        ["which callbacks they are"] = (
            static device => device.Callbacks = new RememberingCallbacks(),
            static device => device.Callbacks = new LikeThoseCallbacks()),
        ["what the domain remembers"] = (
            static device => device.Domain = Rpm.Slow(suspend: 1),
            static device => device.Domain = Rpm.Slow(suspend: 2)),
        ["when the wake interrupt is heard"] = (
            static device => device.SetDedicatedWakeIrq(),
            static device => device.SetDedicatedWakeIrq(reverse: true)),
        ["wake interrupt that was raised"] = (
            static device =>
            {
                device.SetDedicatedWakeIrq();
                device.Suspend();
                device.RaiseWakeIrq();
            },
            static device =>
            {
                device.SetDedicatedWakeIrq();
                device.Suspend();
            }
        ),
        ["wake interrupt that a suspend has made its own"] = (
            static device => device.SetDedicatedWakeIrq(reverse: true),
            static device =>
            {
                device.SetDedicatedWakeIrq(reverse: true);
                device.WakeIrq!.BeginSuspend();
            }
        ),
        ["work item that is queued"] = (
            static device => device.Queue(RuntimePmRequest.Idle),
            static device =>
            {
                device.Request = RuntimePmRequest.Idle;
                device.RequestPending = true;
            }
        ),
        ["worker that carries it out"] = (
            SuspendSlowlyByWorker,
            static device =>
            {
                device.Callbacks = Rpm.Slow(suspend: 100);
                device.BeginSuspend();
            }
        ),
        ["work item that is queued behind a running one"] = (
            static device =>
            {
                SuspendSlowlyByWorker(device);
                device.Queue(RuntimePmRequest.Idle);
            },
            static device =>
            {
                SuspendSlowlyByWorker(device);
                device.Request = RuntimePmRequest.Idle;
                device.RequestPending = true;
            }
        ),
        ["supplier who is needed"] = (
            static device => AddSupplier(device, "clock"),
            static device =>
            {
                device.Core.AddActive("regulator");
                AddSupplier(device, "clock");
            }
        ),
        ["link that manages runtime PM"] = (
            static device => AddSupplier(device, "clock"),
            static device => device.AddSupplier(device.Core.AddActive("clock"), managesRuntimePm: false)),
        ["references that a link holds"] = (
            static device => AddSupplier(device, "clock").RpmActive++,
            static device => AddSupplier(device, "clock")),
        ["supplier that a binding driver holds"] = (
            static device =>
            {
                AddSupplier(device, "clock");
                device.GetSuppliers();
            },
            static device => AddSupplier(device, "clock")),
        ["how often a link was made"] = (
            static device => device.AddSupplier(AddSupplier(device, "clock").Supplier),
            static device => AddSupplier(device, "clock")),
    };

    [Fact]
    public void Who_was_busy_first_of_one_moment_counts()
    {
        HashAfter(0, 1).Should().NotBe(HashAfter(1, 0));
        HashAfter(0, 1, 0, 1).Should().Be(HashAfter(0, 1), "how often is of no account");

        static ulong HashAfter(params int[] busy)
        {
            RuntimePmCore core = AddDevice().Core;
            core.AddActive("disk");
            foreach (RuntimePmDevice device in core.Devices)
            {
                WhileHeld(device, UseAutosuspend);
            }

            busy.ToList().ForEach(number => core.Devices[number].MarkLastBusy());
            StateHash hash = StateHash.Empty;
            core.AddTo(ref hash);
            return hash.Value;
        }
    }

    public static TheoryData<string> NamesOfChanges => [.. Changes.Keys];

    public static TheoryData<string> NamesOfSleeps => [.. Sleeps.Keys];

    public static TheoryData<string> NamesOfDifferences => [.. Differences.Keys];

    [Theory]
    [MemberData(nameof(NamesOfChanges))]
    public void What_a_device_remembers_counts_and_is_the_same_in_a_fork(string change)
    {
        RuntimePmDevice device = AddDevice();
        ulong before = HashOf(device);

        Changes[change](device);

        HashOf(device).Should().NotBe(before).And.Be(HashOf(device.Core.Fork().Devices[0]));
    }

    [Theory]
    [MemberData(nameof(NamesOfDifferences))]
    public void One_difference_between_two_histories_counts_and_is_the_same_in_a_fork(string difference)
    {
        RuntimePmDevice one = AddDevice();
        RuntimePmDevice other = AddDevice();

        Differences[difference].Item1(one);
        Differences[difference].Item2(other);

        HashOf(one).Should().NotBe(HashOf(other)).And.Be(HashOf(one.Core.Fork().Devices[one.Index]));
        HashOf(other).Should().Be(HashOf(other.Core.Fork().Devices[other.Index]));
    }

    [Theory]
    [MemberData(nameof(NamesOfSleeps))]
    public void How_far_a_device_is_on_the_way_to_a_system_sleep_counts(string flag)
    {
        StateHash sleeps = StateHash.Empty;
        Sleeps[flag].AddTo(ref sleeps);
        StateHash works = StateHash.Empty;
        default(DeviceSleep).AddTo(ref works);

        sleeps.Value.Should().NotBe(works.Value);
    }

    [Fact]
    public void Who_does_not_autosuspend_has_no_place_among_those_that_were_busy()
    {
        HashAfter(nicFirst: true).Should().Be(HashAfter(nicFirst: false));

        static ulong HashAfter(bool nicFirst)
        {
            RuntimePmDevice nic = AddDevice();
            RuntimePmDevice disk = nic.Core.AddActive("disk");
            WhileHeld(nic, UseAutosuspend);
            (nicFirst ? nic : disk).MarkLastBusy();
            (nicFirst ? disk : nic).MarkLastBusy();
            return HashOf(nic);
        }
    }

    [Theory]
    [InlineData(true, 10, 20, true)]
    [InlineData(true, 200, 300, false)]
    [InlineData(false, 10, 20, false)]
    public void How_long_ago_a_device_was_busy_counts_as_long_as_its_delay_looks_at_it(bool autosuspends, int one, int other, bool counts)
    {
        (HashAfter(one) == HashAfter(other)).Should().Be(!counts);

        ulong HashAfter(int milliseconds)
        {
            RuntimePmDevice nic = AddDevice();
            nic.GetNoResume();
            nic.SetAutosuspendDelay(100);
            nic.SetUseAutosuspend(autosuspends);
            nic.MarkLastBusy();
            nic.Core.Advance(milliseconds);
            StateHash hash = StateHash.At(nic.Core.Clock.Now);
            nic.AddTo(ref hash);
            return hash.Value;
        }
    }

    [Fact]
    public void When_the_timer_runs_out_counts()
    {
        HashWithTimer(100).Should().NotBe(HashWithTimer(200)).And.Be(HashWithTimer(100));

        static ulong HashWithTimer(int milliseconds)
        {
            RuntimePmDevice nic = AddDevice();
            nic.ScheduleSuspend(milliseconds);
            return HashOf(nic);
        }
    }

    [Fact]
    public void The_rules_the_wakeup_events_and_how_many_devices_there_are_and_which_count()
    {
        RuntimePmCore second = new();
        second.AddDevice("first");
        second.AddDevice("nic");
        second.RemoveDevice(second.Devices[0]);

        new[]
        {
            HashOfCore(new RuntimePmCore()),
            HashOfCore(new RuntimePmCore(RuntimePmRules.Linux6_1 with { TracesStatus = true })),
            HashOfCore(With("nic")),
            HashOfCore(With("nic", "disk")),
            HashOfCore(second),
            HashOfCore(WithWakeupEvent()),
        }
        .Should().OnlyHaveUniqueItems();

        static RuntimePmCore With(params string[] names)
        {
            RuntimePmCore core = new();
            names.ToList().ForEach(name => core.AddDevice(name));
            return core;
        }

        static RuntimePmCore WithWakeupEvent()
        {
            RuntimePmCore core = new();
            core.Transition.CountEvent();
            return core;
        }

        static ulong HashOfCore(RuntimePmCore core) => StateHashes.Of(core.AddTo);
    }

    [Fact]
    public void Two_devices_with_the_same_history_have_the_same_hash() =>
        HashOf(AddDevice()).Should().Be(HashOf(AddDevice()));

    private static RuntimePmDevice AddDevice()
    {
        RuntimePmCore core = new();
        RuntimePmDevice device = core.AddActive("nic");
        core.Advance(10);
        return device;
    }

    /// <summary>A device that nobody uses would go to sleep at these changes.</summary>
    private static void WhileHeld(RuntimePmDevice device, Action<RuntimePmDevice> change)
    {
        device.GetNoResume();
        change(device);
        device.PutNoIdle();
    }

    private static void SuspendSlowlyByWorker(RuntimePmDevice device)
    {
        device.Callbacks = Rpm.Slow(suspend: 100);
        device.RequestAutosuspend();
        device.Core.Clock.RunPending();
    }

    private static void UseAutosuspend(RuntimePmDevice device)
    {
        device.SetAutosuspendDelay(100);
        device.SetUseAutosuspend(true);
    }

    private static DeviceLink AddSupplier(RuntimePmDevice consumer, string name) =>
        consumer.AddSupplier(consumer.Core.AddActive(name))!;

    private static ulong HashOf(RuntimePmDevice device) => StateHashes.Of(device.AddTo);

    private sealed class LikeThoseCallbacks : RememberingCallbacks;

    private class RememberingCallbacks : RuntimePmCallbacks
    {
        public override bool Has(RuntimePmCallback callback) => false;

        public override KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device) => 0;

        public override void AddTo(ref StateHash hash) => hash.Add(true);
    }
}

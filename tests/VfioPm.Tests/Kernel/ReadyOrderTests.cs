namespace VfioPm.Tests;

/// <summary>Who goes on of several that are ready at one moment.</summary>
public sealed class ReadyOrderTests
{
    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(10);

    private readonly RuntimePmCore _core = new();
    private readonly TraceRecorder _recorder;

    public ReadyOrderTests() => _recorder = TraceRecorder.Of(_core);

    private IEnumerable<string> Suspended => _recorder.Lines
        .Where(static line => line.EndsWith("> Suspended", StringComparison.Ordinal))
        .Select(static line => line.Split(' ')[0]);

    [Fact]
    public void The_scheduler_says_which_of_the_sleepers_that_wake_at_one_moment_is_first()
    {
        LastFirst scheduler = new();
        _core.Kernel.Scheduler = scheduler;
        AddSleeper("nic").BeginSuspend();
        AddSleeper("disk").BeginSuspend();
        AddSleeper("audio").BeginSuspend();

        _core.Clock.Advance(Time);

        Suspended.Should().Equal("audio", "disk", "nic");
        scheduler.Asked.Should().Equal(3, 2);
    }

    [Fact]
    public void Queued_work_begins_in_order_whatever_the_scheduler_says()
    {
        LastFirst scheduler = new();
        _core.Kernel.Scheduler = scheduler;
        _core.AddActive("nic").RequestAutosuspend();
        _core.AddActive("disk").RequestAutosuspend();

        _core.Clock.RunPending();

        Suspended.Should().Equal("nic", "disk");
        scheduler.Asked.Should().BeEmpty();
    }

    [Fact]
    public void Of_queued_work_only_the_first_is_offered_beside_threads()
    {
        LastFirst scheduler = new();
        _core.Kernel.Scheduler = scheduler;
        AddSleeper("audio").BeginSuspend();
        foreach (string name in new[] { "nic", "disk", "port" })
        {
            RuntimePmDevice device = _core.AddActive(name);
            device.ScheduleSuspend((int)Time.TotalMilliseconds);
        }

        _core.Clock.Advance(Time);

        Suspended.Should().BeEquivalentTo("audio", "nic", "disk", "port");
        scheduler.Asked.Should().OnlyContain(static ready => ready == 2, "that is the thread and the first of the work");
    }

    [Fact]
    public void The_first_place_is_one_too()
    {
        _core.Kernel.Scheduler = new PreemptsEverywhere();
        AddSleeper("nic").BeginSuspend();
        AddSleeper("disk").BeginSuspend();

        _core.Clock.Advance(Time);

        Suspended.Should().Equal("nic", "disk");
    }

    [Fact]
    public void A_place_that_nobody_has_is_refused_and_the_order_stays()
    {
        _core.Kernel.Scheduler = new Nobody();
        AddSleeper("nic").BeginSuspend();
        AddSleeper("disk").BeginSuspend();

        Action advance = () => _core.Clock.Advance(Time);

        advance.Should().Throw<InvalidOperationException>().WithMessage("*number 2 of 2*");
    }

    [Fact]
    public void A_kernel_beside_it_that_leaves_the_order_as_it_is_takes_the_choice_from_nobody()
    {
        _core.Kernel.Scheduler = new LastFirst();
        var beside = new RuntimePmCore(clock: _core.Clock);
        beside.Kernel.Scheduler = StockScheduler.Instance;
        AddSleeper("nic").BeginSuspend();
        AddSleeper("disk").BeginSuspend();

        _core.Clock.Advance(Time);

        Suspended.Should().Equal("disk", "nic");
    }

    /// <summary>Whichever of them is copied first.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_two_kernels_on_one_clock_the_same_one_chooses_in_a_fork(bool copiesOtherFirst)
    {
        LastFirst scheduler = new();
        var beside = new RuntimePmCore(clock: _core.Clock);
        beside.Kernel.Scheduler = new Nobody();
        _core.Kernel.Scheduler = scheduler;
        AddSleeper("nic").BeginSuspend();
        AddSleeper("disk").BeginSuspend();
        var fork = new ForkContext();
        if (copiesOtherFirst)
        {
            fork.Of(beside);
        }

        RuntimePmCore copy = fork.Of(_core);
        fork.Of(beside);
        copy.Clock.Advance(Time);

        scheduler.Asked.Should().Equal(2);
    }

    [Fact]
    public void Which_of_two_kernels_chooses_is_state()
    {
        _core.Kernel.Scheduler = new LastFirst();
        var beside = new RuntimePmCore(clock: _core.Clock);
        ulong before = HashOf(_core);

        beside.Kernel.Scheduler = new LastFirst();

        HashOf(_core).Should().NotBe(before);
        static ulong HashOf(RuntimePmCore core) => StateHashes.Of(core.AddTo);
    }

    [Fact]
    public void Of_those_who_wait_for_one_device_the_last_to_begin_is_woken_first()
    {
        RuntimePmDevice nic = AddSleeper("nic");
        nic.BeginSuspend();
        PendingCall first = nic.BeginResume();
        PendingCall second = nic.BeginResume();

        _core.Clock.Advance(Time);

        // Who comes first resumes it, and the other finds it active.
        second.Result.Should().Be(KernelResult.Success);
        first.Result!.Value.Value.Should().Be(1);
    }

    private RuntimePmDevice AddSleeper(string name) => _core.AddActive(name, callbacks: new SleepingCallbacks());

    private sealed class SleepingCallbacks : RuntimePmCallbacks
    {
        public override bool Has(RuntimePmCallback callback) => callback == RuntimePmCallback.Suspend;

        public override async KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
        {
            await device.Core.Kernel.Delay(Time);
            return 0;
        }
    }

    private sealed class LastFirst : IKernelScheduler
    {
        public List<int> Asked { get; } = [];

        public bool Preempts(Kernel kernel, PreemptionPoint point) => false;

        public int PickNext(Kernel kernel, IReadOnlyList<PendingEvent> ready)
        {
            Asked.Add(ready.Count);
            return ready.Count - 1;
        }
    }

    private sealed class Nobody : IKernelScheduler
    {
        public bool Preempts(Kernel kernel, PreemptionPoint point) => false;

        public int PickNext(Kernel kernel, IReadOnlyList<PendingEvent> ready) => ready.Count;
    }
}

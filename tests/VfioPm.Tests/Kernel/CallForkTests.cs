namespace VfioPm.Tests;

/// <summary>What a fork knows of calls that were begun before it, and of what its kernel saw.</summary>
public sealed class CallForkTests
{
    private readonly RuntimePmCore _core = new();
    private readonly RuntimePmDevice _nic;

    public CallForkTests() => _nic = _core.AddActive("nic");

    [Fact]
    public void A_call_returns_in_the_fork_what_it_returns_in_the_original()
    {
        PendingCall call = Begin(() => AwaitLater(_nic));
        (RuntimePmCore fork, PendingCall its) = Fork(_core, call);

        Wake(fork);
        its.Result!.Value.Value.Should().Be(3);
        call.Result.Should().BeNull("nobody woke it here");
        Fork(fork, its).Call.Result!.Value.Value.Should().Be(3, "what it returned is remembered");

        Wake(_core);
        call.Result!.Value.Value.Should().Be(3);
    }

    [Fact]
    public void What_a_function_throws_it_throws_in_the_fork_too_once_its_finally_block_has_waited()
    {
        (RuntimePmCore fork, PendingCall call) = Fork(_core, Begin(() => ThrowSlowly(_nic)));
        ulong waiting = StateHashes.Of(fork.AddTo);

        Wake(fork);

        waiting.Should().Be(StateHashes.Of(_core.AddTo));
        ShouldHaveThrown(call);
        ShouldHaveThrown(Fork(fork, call).Call);

        static void ShouldHaveThrown(PendingCall call) =>
            call.Invoking(static it => it.Result).Should().Throw<InvalidOperationException>().WithInnerException<NotImplementedException>();
    }

    [Fact]
    public void An_operation_that_ends_in_the_fork_is_told_there_by_its_name()
    {
        Listener told = new();
        _core.Clock.Operations.Add(told);
        using (KernelEntry entry = KernelEntry.Begin(_core.Kernel, "used by hand", "nic"))
        {
            entry.Start(AwaitLater(_nic));
        }

        RuntimePmCore fork = _core.Fork();
        Wake(fork);

        told.Returns.Should().Equal("used by hand: nic gave 3");
    }

    [Fact]
    public void A_call_that_somebody_awaits_has_the_same_hash_in_a_fork_made_meanwhile()
    {
        _nic.Callbacks = Rpm.Slow(suspend: 100);
        ulong hash = 0;
        ulong its = 1;
        using ITimer look = _core.Clock.CreateTimer(
            _ =>
            {
                hash = HashOf(_core);
                its = HashOf(_core.Fork());
            },
            null,
            TimeSpan.FromMilliseconds(50),
            Timeout.InfiniteTimeSpan);

        _nic.Suspend();

        its.Should().Be(hash);

        static ulong HashOf(RuntimePmCore core) => StateHashes.Of(core.Kernel.Threads.Single().AddTo);
    }

    [Fact]
    public void The_kernel_of_the_fork_counts_ticks_alike_and_knows_what_was_seen_before()
    {
        _core.Kernel.JiffiesAtBoot = 7;
        _core.Kernel.LostUpdates = ["a flag of nic"];
        using (KernelEntry entry = KernelEntry.Call(_core.Kernel, "nic"))
        {
            entry.Run(TakeBoth(new KernelMutex(_core.Kernel, "a", "nic", 0), new KernelMutex(_core.Kernel, "b", "nic", 0)));
        }

        RuntimePmCore fork = _core.Fork();

        fork.Kernel.JiffiesAtBoot.Should().Be(7);
        fork.Kernel.LostUpdates.Should().Equal("a flag of nic");
        fork.Kernel.LockOrder.Steps.Should().ContainSingle();
    }

    [Fact]
    public void What_the_kernel_said_before_is_in_the_forks_log()
    {
        _core.AddActive("disk").Enable();

        _core.Fork().Log.Select(static line => line.Text).Should().Equal("disk: Unbalanced pm_runtime_enable!");
    }

    [Fact]
    public void A_shared_word_is_one_in_the_fork_and_is_of_the_same_device()
    {
        _core.Kernel.Scheduler = new PreemptsEverywhere();
        FlagWord word = new(_core.Kernel, "nic", 0, ["first", "second"], isPacked: true);
        var context = new ForkContext();
        RuntimePmCore fork = context.Of(_core);
        FlagWord its = context.Of(word);
        for (int flag = 0; flag < 2; flag++)
        {
            using KernelEntry entry = KernelEntry.Begin(fork.Kernel, "nic");
            entry.Start(Set(its, flag));
        }

        fork.Clock.RunPending();

        (its[0], its[1], word[0], word[1]).Should().Be((false, true, false, false));
        fork.Kernel.LostUpdates.Should().Equal("first of nic");
        _core.Kernel.LostUpdates.Should().BeEmpty();
    }

    private static (RuntimePmCore Core, PendingCall Call) Fork(RuntimePmCore core, PendingCall call)
    {
        var context = new ForkContext();
        return (context.Of(core), context.Of(call));
    }

    private static void Wake(RuntimePmCore core)
    {
        core.Devices[0].WakeWaiters();
        core.Clock.RunPending();
    }

    private PendingCall Begin(Func<KernelCall<int>> call)
    {
        using KernelEntry entry = KernelEntry.Begin(_core.Kernel, "nic");
        return entry.Start(call());
    }

    private static async KernelCall<int> AwaitLater(RuntimePmDevice device)
    {
        KernelCall<int> returned = 3;
        await device.Change();
        return await returned;
    }

    private static async KernelCall<int> ThrowSlowly(RuntimePmDevice device)
    {
        try
        {
            throw new NotImplementedException();
        }
        finally
        {
            await device.Change();
        }
    }

    private static async KernelCall<int> TakeBoth(KernelMutex outer, KernelMutex inner)
    {
        using LockScope first = await outer.Lock();
        using LockScope second = await inner.Lock();
        return 0;
    }

    private static async KernelCall<int> Set(FlagWord word, int flag)
    {
        await word.Set(flag, true);
        return 0;
    }

    private sealed class Listener : IOperationListener
    {
        public List<string> Returns { get; } = [];

        public void OnOperation(string what, string device)
        {
        }

        public void OnReturn(string what, string device, int result) => Returns.Add($"{what}: {device} gave {result}");

        public IForkable Fork(ForkContext fork) => this;
    }
}

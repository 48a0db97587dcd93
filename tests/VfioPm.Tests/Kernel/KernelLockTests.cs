namespace VfioPm.Tests;

/// <summary>What a lock says of itself, who holds it from outside, and what is of it in a fork and in the hash.</summary>
public sealed class KernelLockTests
{
    private readonly RuntimePmCore _core = new();
    private readonly RuntimePmDevice _nic;

    public KernelLockTests() => _nic = _core.AddActive("nic");

    [Fact]
    public void Whoever_stands_for_a_thread_takes_a_lock_that_is_free_and_gives_it_back()
    {
        _nic.Lock.TryTakeFromOutside().Should().BeTrue();
        (_nic.Lock.IsWriteLocked, _nic.Lock.IsMine).Should().Be((true, true));
        _nic.Lock.TryTakeFromOutside().Should().BeFalse("it is taken");
        _core.Kernel.Outside.Holds.Should().Equal("device_lock of nic");

        _nic.Lock.GiveBackFromOutside();

        (_nic.Lock.IsWriteLocked, _nic.Lock.IsMine).Should().Be((false, false));
        _core.Kernel.Outside.Holds.Should().BeEmpty();
    }

    [Fact]
    public void What_was_not_taken_cannot_be_given_back() =>
        _nic.Lock.Invoking(static @lock => @lock.GiveBackFromOutside()).Should().Throw<InvalidOperationException>()
            .WithMessage("Nobody holds device_lock of nic.");

    [Fact]
    public void What_a_call_holds_cannot_be_given_back_from_outside()
    {
        BeginToHold();

        _nic.Lock.Invoking(static @lock => @lock.GiveBackFromOutside()).Should().Throw<InvalidOperationException>()
            .WithMessage("A call that is under way holds device_lock of nic: caller, nic: in KernelLockTests.Hold, *");
        _nic.Lock.IsMine.Should().BeFalse();
        _nic.Lock.TryLock().IsTaken.Should().BeFalse();
    }

    [Fact]
    public void What_a_test_holds_for_another_thread_it_gives_back_in_the_middle_of_a_call_too()
    {
        RuntimePmDevice disk = _core.AddActive("disk", callbacks: new DriverCallbacks
        {
            Suspend = _ =>
            {
                _nic.Lock.GiveBackFromOutside();
                return 0;
            },
        });
        _nic.Lock.TryTakeFromOutside();

        disk.Suspend().Should().Succeed();

        _nic.Lock.IsWriteLocked.Should().BeFalse();
        _core.Kernel.Outside.Holds.Should().BeEmpty();
    }

    [Fact]
    public void Who_holds_it_and_who_waits_for_it_counts_for_the_hash()
    {
        ulong free = Hash();
        BeginToHold();
        ulong held = Hash();
        BeginToHold();
        ulong awaited = Hash();
        RuntimePmCore other = new();
        other.AddActive("nic").Lock.TryTakeFromOutside();

        new[] { free, held, awaited, HashOf(other) }.Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData("memory_lock", 0, false)]
    [InlineData("igate", 0, true)]
    [InlineData("memory_lock", 1, true)]
    public void Which_lock_is_held_counts_for_the_hash(string kind, int index, bool isOther)
    {
        StateHash one = StateHash.Empty;
        new KernelMutex(_core.Kernel, "memory_lock", "nic", 0).AddIdentityTo(ref one);
        StateHash other = StateHash.Empty;
        new KernelMutex(_core.Kernel, kind, "nic", index).AddIdentityTo(ref other);

        (one.Value != other.Value).Should().Be(isOther);
    }

    [Fact]
    public void How_many_read_and_who_waits_to_do_what_counts_for_the_hash()
    {
        new[]
        {
            HashAfter(),
            HashAfter(LockMode.Read),
            HashAfter(LockMode.Read, LockMode.Read),
            HashAfter(LockMode.Write),
            HashAfter(LockMode.Write, LockMode.Read),
            HashAfter(LockMode.Write, LockMode.Write),
        }
        .Should().OnlyHaveUniqueItems();

        static ulong HashAfter(params LockMode[] modes)
        {
            Kernel kernel = new RuntimePmCore().Kernel;
            var semaphore = new RwSemaphore(kernel, "memory_lock", "nic", 0);
            foreach (LockMode mode in modes)
            {
                using KernelEntry entry = KernelEntry.Begin(kernel, "nic");
                entry.Start(Keep(semaphore, mode, kernel));
            }

            StateHash hash = StateHash.Empty;
            semaphore.AddTo(ref hash);
            return hash.Value;
        }
    }

    [Fact]
    public void Which_thread_waits_counts_for_the_hash()
    {
        HashWhere(place: 0).Should().NotBe(HashWhere(place: 1));

        static ulong HashWhere(int place)
        {
            Kernel kernel = new RuntimePmCore().Kernel;
            var mutex = new KernelMutex(kernel, "igate", "nic", 0);
            var other = new KernelMutex(kernel, "igate", "disk", 1);
            mutex.TryTakeFromOutside();
            other.TryTakeFromOutside();
            for (int thread = 0; thread < 2; thread++)
            {
                using KernelEntry entry = KernelEntry.Begin(kernel, "nic");
                entry.Start(Take(thread == place ? mutex : other));
            }

            return StateHashes.Of(mutex.AddTo);
        }
    }

    [Fact]
    public void In_a_fork_the_forks_call_holds_it_and_the_forks_next_gets_it()
    {
        BeginToHold();
        PendingCall next = BeginToHold();

        RuntimePmCore fork = _core.Fork();
        fork.Advance(10);

        fork.Devices[0].Lock.IsWriteLocked.Should().BeTrue("the second holds it now");
        fork.Kernel.Threads.Should().ContainSingle().Which.Holds.Should().Equal("device_lock of nic");
        next.WaitsFor.Should().Be("device_lock of nic", "no time has passed here");
        _core.Kernel.Threads.Should().HaveCount(2);

        fork.Advance(10);
        fork.Devices[0].Lock.IsWriteLocked.Should().BeFalse();
    }

    private static async KernelCall<int> Hold(RuntimePmDevice device)
    {
        using (await device.Lock.Lock())
        {
            await device.Core.Kernel.Delay(TimeSpan.FromMilliseconds(10));
        }

        return 0;
    }

    private static async KernelCall<int> Take(KernelMutex mutex)
    {
        using LockScope held = await mutex.Lock();
        return 0;
    }

    private static async KernelCall<int> Keep(RwSemaphore semaphore, LockMode mode, Kernel kernel)
    {
        using LockScope held = await (mode == LockMode.Read ? semaphore.DownRead() : semaphore.DownWrite());
        await kernel.Delay(TimeSpan.FromMilliseconds(10));
        return 0;
    }

    private static ulong HashOf(RuntimePmCore core) => StateHashes.Of(core.Devices[0].Lock.AddTo);

    private ulong Hash() => HashOf(_core);

    private PendingCall BeginToHold()
    {
        using KernelEntry entry = KernelEntry.Begin(_core.Kernel, "nic");
        return entry.Start(Hold(_nic));
    }
}

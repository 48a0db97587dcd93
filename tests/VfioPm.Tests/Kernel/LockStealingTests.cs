namespace VfioPm.Tests;

/// <summary>Who runs may take a lock before who was woken for it runs (<c>mutex_unlock()</c>, <c>up_write()</c>); but not for ever.</summary>
public sealed class LockStealingTests
{
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(10);

    private readonly RuntimePmCore _core = new();
    private readonly List<string> _got = [];
    private readonly KernelMutex _mutex;
    private readonly RwSemaphore _semaphore;

    public LockStealingTests()
    {
        _mutex = new KernelMutex(_core.Kernel, "memory_lock", "nic", 0);
        _semaphore = new RwSemaphore(_core.Kernel, "memory_lock", "nic", 0);
    }

    [Fact]
    public void Who_gives_a_mutex_back_and_wants_it_again_has_it_before_who_was_woken()
    {
        Begin(Mutex, "again and again", times: 2);
        Begin(Mutex, "patient", times: 1);

        _core.Clock.Advance(3 * Hold);

        _got.Should().Equal("again and again", "again and again", "patient");
    }

    [Fact]
    public void Who_came_too_late_for_a_mutex_once_is_handed_it_the_next_time()
    {
        Begin(Mutex, "again and again", times: 4);
        Begin(Mutex, "patient", times: 1);

        _core.Clock.Advance(5 * Hold);

        _got.Should().Equal("again and again", "again and again", "patient", "again and again", "again and again");
    }

    [Fact]
    public void A_reader_who_runs_takes_a_semaphore_before_the_writer_who_was_woken()
    {
        Begin(Writer, "writer", times: 1, Reader);
        Begin(Writer, "patient", times: 1);

        _core.Clock.Advance(3 * Hold);

        _got.Should().Equal("writer", "writer", "patient");
    }

    // RWSEM_WAIT_TIMEOUT is a tick, and time_after() asks for more: the second tick after who waits began to.
    [Theory]
    [InlineData(1000, 4, 3)]
    [InlineData(1000, 8, 2)]
    [InlineData(1001, 6, 3)]
    [InlineData(1003, 5, 2)]
    public void Two_ticks_are_too_many_for_who_waits_for_a_semaphore(int begin, int hold, int stolen)
    {
        _core.Advance(begin);
        Begin(Writer, "again and again", times: 4, hold: TimeSpan.FromMilliseconds(hold));
        Begin(Writer, "patient", times: 1);

        _core.Clock.Advance(5 * Hold);

        _got.IndexOf("patient").Should().Be(stolen);
    }

    [Fact]
    public void Who_was_handed_a_lock_hands_it_to_nobody_who_did_not_come_too_late()
    {
        Begin(Mutex, "again and again", times: 3);
        Begin(Mutex, "patient", times: 2);

        _core.Clock.Advance(5 * Hold);

        _got.Should().Equal("again and again", "again and again", "patient", "patient", "again and again");
    }

    [Fact]
    public void Who_waited_long_for_a_semaphore_is_handed_it_the_next_time()
    {
        Begin(Writer, "again and again", times: 4);
        Begin(Writer, "patient", times: 1);

        _core.Clock.Advance(5 * Hold);

        _got.Should().Equal("again and again", "again and again", "patient", "again and again", "again and again");
    }

    [Fact]
    public void Who_waited_less_may_come_too_late_for_a_semaphore_once_more()
    {
        TimeSpan shorter = TimeSpan.FromMilliseconds(1);
        Begin(Writer, "again and again", times: 3, hold: shorter);
        Begin(Writer, "patient", times: 1);

        _core.Clock.Advance(3 * Hold);

        _got.Should().Equal("again and again", "again and again", "again and again", "patient");
    }

    [Fact]
    public void That_a_lock_will_be_handed_over_is_state()
    {
        Begin(Mutex, "again and again", times: 3);
        Begin(Mutex, "patient", times: 1);
        ulong before = Hash();

        _core.Clock.Advance(Hold);

        Hash().Should().NotBe(before);
    }

    [Fact]
    public void In_a_fork_it_is_handed_over_to_the_same_one_at_the_same_time()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        BeginToHold(nic, "again and again", times: 3);
        BeginToHold(nic, "patient", times: 1);
        _core.Clock.Advance(Hold);
        RuntimePmCore fork = _core.Fork();

        foreach (RuntimePmCore core in new[] { _core, fork })
        {
            HolderIn(core).Should().Be("again and again");
            core.Clock.Advance(Hold);
            HolderIn(core).Should().Be("patient");
        }

        static string HolderIn(RuntimePmCore core) => core.Kernel.Threads.Single(static thread => thread.Holds.Any()).Device;
    }

    private static void BeginToHold(RuntimePmDevice device, string name, int times)
    {
        using KernelEntry entry = KernelEntry.Begin(device.Core.Kernel, name);
        entry.Start(HoldLock(device, times));
    }

    private static async KernelCall<int> HoldLock(RuntimePmDevice device, int times)
    {
        for (int time = 0; time < times; time++)
        {
            using LockScope held = await device.Lock.Lock();
            await device.Core.Kernel.Delay(Hold);
        }

        return 0;
    }

    [Fact]
    public void How_long_somebody_waits_for_a_semaphore_is_state_until_he_waited_too_long()
    {
        ulong[] hashes = [HashAfter(0), HashAfter(3), HashAfter(8), HashAfter(9)];

        hashes.Distinct().Should().HaveCount(3);
        hashes[2].Should().Be(hashes[3]);

        ulong HashAfter(int waited)
        {
            LockStealingTests other = new();
            other.Begin(other.Writer, "again and again", times: 1, hold: TimeSpan.FromSeconds(1));
            other.Begin(other.Writer, "patient", times: 1);
            other._core.Advance(waited);
            return Hash(other._core, other._semaphore);
        }
    }

    private ulong Hash() => Hash(_core, _mutex);

    private static ulong Hash(RuntimePmCore core, KernelLock awaited)
    {
        StateHash hash = StateHash.At(core.Clock.Now);
        awaited.AddTo(ref hash);
        return hash.Value;
    }

    private KernelCall<LockScope> Mutex() => _mutex.Lock();

    private KernelCall<LockScope> Reader() => _semaphore.DownRead();

    private KernelCall<LockScope> Writer() => _semaphore.DownWrite();

    /// <summary>A thread takes a lock so often, and holds it for a while each time.</summary>
    private void Begin(
        Func<KernelCall<LockScope>> take, string name, int times, Func<KernelCall<LockScope>>? thenTake = null, TimeSpan? hold = null) =>
        _core.AddActive(name, callbacks: new Holder(this, take, thenTake, times, hold ?? Hold)).BeginSuspend();

    private sealed class Holder(
        LockStealingTests test,
        Func<KernelCall<LockScope>> take,
        Func<KernelCall<LockScope>>? thenTake,
        int times,
        TimeSpan hold) : RuntimePmCallbacks
    {
        public override bool Has(RuntimePmCallback callback) => callback == RuntimePmCallback.Suspend;

        public override async KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
        {
            for (int time = 0; time < times; time++)
            {
                await HoldIt(take, device);
            }

            if (thenTake is not null)
            {
                await HoldIt(thenTake, device);
            }

            return 0;
        }

        private async KernelCall HoldIt(Func<KernelCall<LockScope>> how, RuntimePmDevice device)
        {
            using LockScope held = await how();
            test._got.Add(device.Name);
            await device.Core.Kernel.Delay(hold);
        }
    }
}

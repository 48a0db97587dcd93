namespace VfioPm.Tests;

/// <summary>Who gets a semaphore that several wait for.</summary>
public sealed class RwSemaphoreTests
{
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(10);

    private readonly RuntimePmCore _core = new();
    private readonly List<string> _got = [];
    private readonly RwSemaphore _semaphore;

    public RwSemaphoreTests() => _semaphore = new RwSemaphore(_core.Kernel, "memory_lock", "nic", 0);

    [Fact]
    public void With_the_first_reader_go_all_that_wait_also_those_behind_a_writer()
    {
        Begin("writer 1", "reader 1", "writer 2", "reader 2");

        _core.Clock.Advance(Hold);

        _got.Should().Equal("writer 1", "reader 1", "reader 2");
    }

    [Fact]
    public void A_reader_who_comes_while_a_writer_waits_waits_behind_it()
    {
        Begin("reader 1", "writer 1", "reader 2");

        _core.Clock.Advance(Hold);

        _got.Should().Equal("reader 1", "writer 1");
    }

    [Fact]
    public void All_get_it_in_the_end()
    {
        Begin("writer 1", "reader 1", "writer 2", "reader 2");

        _core.Clock.Advance(4 * Hold);

        _got.Should().Equal("writer 1", "reader 1", "reader 2", "writer 2");
    }

    [Fact]
    public void In_a_fork_as_many_read_and_a_writer_waits_for_all_of_them()
    {
        RuntimePmDevice nic = _core.AddActive("nic");
        BeginToRead(nic, TimeSpan.FromMilliseconds(1));
        BeginToRead(nic, Hold);
        var fork = new ForkContext();
        RuntimePmCore copy = fork.Of(_core);
        RwSemaphore semaphore = fork.Of(_semaphore);

        semaphore.IsReadLocked.Should().BeTrue();
        copy.Advance(1);
        semaphore.IsReadLocked.Should().BeTrue("one still reads");
        copy.Clock.Advance(Hold);
        semaphore.IsReadLocked.Should().BeFalse();
        _semaphore.IsReadLocked.Should().BeTrue("time passed in the fork alone");
    }

    private void BeginToRead(RuntimePmDevice device, TimeSpan time)
    {
        using KernelEntry entry = KernelEntry.Begin(device.Core.Kernel, device.Name);
        entry.Start(Read(_semaphore, device, time));
    }

    private static async KernelCall<int> Read(RwSemaphore semaphore, RuntimePmDevice device, TimeSpan time)
    {
        using LockScope held = await semaphore.DownRead();
        await device.Core.Kernel.Delay(time);
        return 0;
    }

    private void Begin(params string[] names)
    {
        foreach (string name in names)
        {
            _core.AddActive(name, callbacks: new Holder(this)).BeginSuspend();
        }
    }

    private sealed class Holder(RwSemaphoreTests test) : RuntimePmCallbacks
    {
        public override bool Has(RuntimePmCallback callback) => callback == RuntimePmCallback.Suspend;

        public override async KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device)
        {
            bool writes = device.Name.StartsWith("writer", StringComparison.Ordinal);
            using LockScope held = await (writes ? test._semaphore.DownWrite() : test._semaphore.DownRead());
            test._got.Add(device.Name);
            await device.Core.Kernel.Delay(Hold);
            return 0;
        }
    }
}

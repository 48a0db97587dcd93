namespace VfioPm.Tests;

/// <summary>The hot paths of the engine allocate nothing.</summary>
public sealed class AllocationTests
{
    private readonly RuntimePmCore _core = new();
    private readonly RuntimePmDevice _port;
    private readonly RuntimePmDevice _nic;

    public AllocationTests()
    {
        _port = _core.AddActive("port");
        _nic = _core.AddActive("nic", _port);
        _nic.AddSupplier(_core.AddActive("clock"));
    }

    [Fact]
    public void Getting_and_putting_allocates_nothing() => AllocatedBy(() =>
    {
        _nic.GetSync();
        _nic.GetIfActive();
        _nic.PutNoIdle();
        _nic.PutNoIdle();
    }).Should().Be(0);

    [Fact]
    public void Suspending_and_resuming_with_parent_and_supplier_allocates_nothing() => AllocatedBy(() =>
    {
        _nic.GetSync();
        _nic.Put();
        _core.Clock.RunPending();
    }).Should().Be(0);

    [Fact]
    public void Autosuspending_by_the_timer_allocates_nothing()
    {
        _nic.SetAutosuspendDelay(10);
        _nic.SetUseAutosuspend(true);
        TimeSpan delay = TimeSpan.FromMilliseconds(20);

        AllocatedBy(() =>
        {
            _nic.GetSync();
            _nic.PutAutosuspend();
            _core.Clock.Advance(delay);
        }).Should().Be(0);

        _port.Status.Should().Be(RuntimeStatus.Suspended);
    }

    private static long AllocatedBy(Action cycle)
    {
        for (int i = 0; i < 100; i++)
        {
            cycle();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            cycle();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}

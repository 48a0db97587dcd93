namespace VfioPm.Tests;

/// <summary>Where what a test's own code throws comes out, and what is so then.</summary>
public sealed class ThrownInsideTests : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);

    private readonly Trap _trap = new();
    private readonly SimulatedHost _host;
    private readonly VfioPciDevice _device;

    public ThrownInsideTests()
    {
        _trap.Disarm();
        _host = Crowd.Prepare(KernelProfile.Linux6_1, "open", setup => setup.WithRegisters(_trap));
        _device = _host.VfioPci["0000:01:00.0"];
    }

    private RuntimePmDevice Runtime => _device.Pci.RuntimePm;

    public void Dispose()
    {
        _trap.Disarm();
        _host.Dispose();
    }

    [Fact]
    public void The_first_listener_of_an_entry_does_not_keep_the_host_s_gate()
    {
        ThrowAt(1, () => _device.Open());

        _host.Clock.Gate.IsHeldByCurrentThread.Should().BeFalse();
        _host.Clock.Cause.Should().BeNull();
    }

    [Fact]
    public void An_open_that_throws_leaves_the_device_closed_and_its_count_as_it_was()
    {
        int before = _device.Pci.UsageCount;
        for (int number = 1; ThrowAt(number, () => _device.Open().Dispose()); number++)
        {
            _device.IsOpen.Should().BeFalse();
            _device.Pci.UsageCount.Should().Be(before);
            _host.Clock.Advance(TimeSpan.FromSeconds(3));
        }

        _device.Open().Reset().Should().Be(KernelResult.Success);
    }

    [Fact]
    public void A_get_that_throws_counts_as_one_that_failed_does()
    {
        RuntimePmDevice device = _host.RuntimePm.AddDevice("custom", callbacks: new DriverCallbacks
        {
            Resume = static _ => throw new TrapException(),
        });
        device.Enable();

        FluentActions.Invoking(() => device.GetSync()).Should().Throw<TrapException>();

        device.UsageCount.Should().Be(1);
        device.Status.Should().Be(RuntimeStatus.Suspended);
        device.RuntimeError.Should().Be(KernelResult.Success, "it may be tried again");
        FluentActions.Invoking(() => device.ResumeAndGet()).Should().Throw<TrapException>();
        device.UsageCount.Should().Be(1);
    }

    [Fact]
    public void A_timer_that_throws_does_not_break_the_call_off_that_waits_meanwhile()
    {
        VfioDeviceFile file = _device.Open();
        using ITimer timer = _host.Clock.CreateTimer(
            static _ => throw new TrapException(), null, Moment, Timeout.InfiniteTimeSpan);

        FluentActions.Invoking(() => file.Reset()).Should().Throw<TrapException>();

        _device.IsMemoryLocked.Should().BeFalse();
        _host.Kernel.Threads.Should().BeEmpty();
        file.Reset().Should().Be(KernelResult.Success);
    }

    [Fact]
    public void A_timer_that_throws_between_calls_throws_out_of_the_advance()
    {
        using ITimer timer = _host.Clock.CreateTimer(
            static _ => throw new TrapException(), null, Moment, Timeout.InfiniteTimeSpan);

        FluentActions.Invoking(() => _host.Clock.Advance(2 * Moment)).Should().Throw<TrapException>();

        _host.Clock.Cause.Should().BeNull();
    }

    [Fact]
    public void A_callback_does_not_see_what_a_listener_of_its_own_call_throws()
    {
        KernelResult? answer = null;
        RuntimePmDevice device = _host.RuntimePm.AddActive("custom", callbacks: new DriverCallbacks
        {
            Suspend = _ =>
            {
                _trap.Arm(1, throws: true);
                answer = Runtime.GetSync();
                return KernelResult.Success;
            },
        });
        _trap.Join(_host);

        FluentActions.Invoking(() => device.Suspend()).Should().Throw<TrapException>();

        answer!.Value.IsError.Should().BeFalse();
        device.Status.Should().Be(RuntimeStatus.Suspended);
    }

    [Fact]
    public void Registers_that_throw_outside_of_a_call_throw_at_once()
    {
        _device.Pci.Sysfs.Write("enable", "1");
        VfioDeviceFile file = _device.Open();
        file.Config.Write(PciRegisters.Command, 2, PciRegisters.CommandMemory);

        _trap.Arm(1, throws: true);
        FluentActions.Invoking(() => _device.Pci.Hardware.ReadBar(0, 0, 4)).Should().Throw<TrapException>();

        _trap.Arm(1, throws: true);
        FluentActions.Invoking(() => file.Read(0, 0, new byte[4])).Should().Throw<TrapException>();
        _device.IsMemoryLocked.Should().BeFalse();
    }

    [Fact]
    public void A_scheduler_that_throws_decides_nothing()
    {
        _host.Kernel.Scheduler = new Throwing();

        PendingCall open = _device.BeginOpen();
        _host.Kernel.Scheduler = StockScheduler.Instance;
        _host.Clock.Advance(TimeSpan.FromSeconds(3));

        FluentActions.Invoking(() => open.Result).Should().Throw<InvalidOperationException>().WithInnerException<TrapException>();
        _device.IsOpen.Should().BeTrue("the call went on");
    }

    [Fact]
    public void A_logger_that_throws_does_not_stop_the_kernel()
    {
        var trap = new Trap();
        trap.Disarm();
        using SimulatedHost host = Crowd.Prepare(KernelProfile.RfcV1, "reset asleep", logger: trap);
        using SimulatedHost quiet = host.Fork();
        Crowd.File(quiet).Reset();

        trap.Arm(1, throws: true);
        FluentActions.Invoking(() => Crowd.File(host).Reset()).Should().Throw<TrapException>();

        host.ComputeStateHash().Should().Be(quiet.ComputeStateHash());
    }

    /// <summary>Does something in the middle of which the test's code throws.</summary>
    /// <returns>Whether it did.</returns>
    private bool ThrowAt(int number, Action action)
    {
        if (!_host.Clock.Operations.Contains(_trap))
        {
            _trap.Join(_host);
        }

        _trap.Arm(number, throws: true);
        try
        {
            action();
        }
        catch (TrapException)
        {
        }

        bool wasReached = _trap.WasReached;
        _trap.Disarm();
        return wasReached;
    }

    private sealed class Throwing : IKernelScheduler
    {
        public bool Preempts(Kernel kernel, PreemptionPoint point) => throw new TrapException();
    }
}

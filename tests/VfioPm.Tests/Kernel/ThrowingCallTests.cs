namespace VfioPm.Tests;

/// <summary>Calls that a test's own code breaks off, before they wait and afterwards, by each way into the kernel.</summary>
public sealed class ThrowingCallTests
{
    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(10);

    private readonly RuntimePmCore _core = new();
    private readonly RuntimePmDevice _nic;

    public ThrowingCallTests() => _nic = _core.AddActive("nic");

    private Kernel Kernel => _core.Kernel;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_call_with_a_value_throws_comes_out_of_it(bool waits)
    {
        Action call = () =>
        {
            using KernelEntry entry = KernelEntry.Call(Kernel, "nic");
            entry.Run<bool>(Throw(_nic, waits));
        };

        ShouldThrowOnce(call);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_call_without_a_value_throws_comes_out_of_it(bool waits)
    {
        Action call = () =>
        {
            using KernelEntry entry = KernelEntry.Call(Kernel, "nic");
            entry.Run(ThrowNothing(_nic, waits));
        };

        ShouldThrowOnce(call);
    }

    [Fact]
    public void What_a_function_without_a_value_throws_after_it_waited_comes_out_of_the_one_that_awaits_it()
    {
        PendingCall call = Begin(() => AwaitNothing(_nic));

        _core.Clock.RunPending();

        call.Invoking(static it => it.Result).Should().Throw<InvalidOperationException>().WithInnerException<NotImplementedException>();
    }

    [Fact]
    public void What_a_worker_throws_of_its_own_comes_out_of_the_time_that_passes()
    {
        using (KernelEntry entry = KernelEntry.Worker(Kernel, ThreadKind.Worker, null, "nic"))
        {
            entry.Start(ThrowNothing(_nic, waits: true));
        }

        _core.Clock.Invoking(static clock => clock.RunPending()).Should().Throw<NotImplementedException>();

        Kernel.Threads.Should().BeEmpty();
    }

    [Fact]
    public void What_a_test_threw_in_the_middle_of_a_call_with_a_value_comes_out_of_it_once()
    {
        ShouldThrowOnce(() =>
        {
            using KernelEntry entry = KernelEntry.Call(Kernel, "nic");
            entry.Run<bool>(KeepThrown(_nic));
        });
    }

    [Fact]
    public void What_a_call_that_was_begun_throws_is_kept_for_whoever_asks()
    {
        PendingCall call = Begin(() => ThrowCode(_nic));

        _core.Invoking(static core => core.Advance(10)).Should().NotThrow();

        call.Invoking(static it => it.Result).Should().Throw<InvalidOperationException>().WithInnerException<NotImplementedException>();
        _nic.Lock.IsWriteLocked.Should().BeFalse("what it held was given back");
    }

    [Fact]
    public void A_frame_that_threw_is_used_again_without_what_was_thrown()
    {
        ShouldThrowOnce(() =>
        {
            using KernelEntry entry = KernelEntry.Call(Kernel, "nic");
            entry.Run<bool>(Throw(_nic, waits: true));
        });

        using KernelEntry entry = KernelEntry.Call(Kernel, "nic");
        entry.Run<bool>(Throw(_nic, waits: true, throws: false)).Should().BeTrue();
    }

    [Fact]
    public void Whoever_waits_for_a_thread_goes_on_when_its_call_has_ended_and_at_once_afterwards()
    {
        PendingCall first = Begin(() => DelayNic(_nic));
        PendingCall early = Begin(() => JoinIt(_nic, first.Thread));
        early.WaitsFor.Should().StartWith("the call of another: ");

        _core.Advance(10);
        PendingCall late = Begin(() => JoinIt(_nic, first.Thread));

        (early.Result, late.Result).Should().Be(((KernelResult?)3, (KernelResult?)3));
    }

    [Fact]
    public void A_scheduler_that_throws_decides_nothing_and_the_call_throws_at_its_end()
    {
        RuntimePmDevice disk = _core.AddActive("disk");
        Kernel.Scheduler = new ThrowingScheduler();

        disk.Invoking(static device => device.Suspend()).Should().Throw<NotImplementedException>();
        Kernel.Scheduler = StockScheduler.Instance;

        disk.Status.Should().Be(RuntimeStatus.Suspended);
        Kernel.Threads.Should().BeEmpty();
    }

    private void ShouldThrowOnce(Action call)
    {
        call.Should().Throw<NotImplementedException>();
        Kernel.Threads.Should().BeEmpty();
        Kernel.Current.Should().BeNull();
        _core.Clock.Calls.Innermost.Should().BeNull();
        _core.Clock.Gate.IsHeldByCurrentThread.Should().BeFalse();
        _nic.Invoking(static nic => nic.Resume()).Should().NotThrow();
    }

    private PendingCall Begin(Func<KernelCall<int>> call)
    {
        using KernelEntry entry = KernelEntry.Begin(Kernel, "nic");
        return entry.Start(call());
    }

    private static async KernelCall<bool> Throw(RuntimePmDevice device, bool waits, bool throws = true)
    {
        if (waits)
        {
            await device.Core.Kernel.GiveWay();
        }

        return throws ? throw new NotImplementedException() : true;
    }

    private static async KernelCall<bool> KeepThrown(RuntimePmDevice device)
    {
        device.Core.Clock.Calls.Keep(new NotImplementedException());
        await device.Core.Kernel.GiveWay();
        return true;
    }

    private static async KernelCall<int> AwaitNothing(RuntimePmDevice device)
    {
        await ThrowNothing(device, waits: true);
        return 0;
    }

    private static async KernelCall ThrowNothing(RuntimePmDevice device, bool waits)
    {
        if (waits)
        {
            await device.Core.Kernel.GiveWay();
        }

        throw new NotImplementedException();
    }

    private static async KernelCall<int> ThrowCode(RuntimePmDevice device)
    {
        using (await device.Lock.Lock())
        {
            await device.Core.Kernel.Delay(Time);
            throw new NotImplementedException();
        }
    }

    private static async KernelCall<int> JoinIt(RuntimePmDevice device, KernelThread other)
    {
        await device.Core.Kernel.Join(other);
        return other.Result;
    }

    private static async KernelCall<int> DelayNic(RuntimePmDevice device)
    {
        await device.Core.Kernel.Delay(Time);
        return 3;
    }

    private sealed class ThrowingScheduler : IKernelScheduler
    {
        public bool Preempts(Kernel kernel, PreemptionPoint point) => throw new NotImplementedException();
    }
}

namespace VfioPm.Tests;

// memory_lock (vfio_pci_core.c): what comes in while another thread changes what can be accessed of a device.
public sealed class MemoryLockTests : IDisposable
{
    private const int IoBar = 2;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(5);

    private readonly OpenNic _nic = new(KernelProfile.Linux6_1);

    private VfioPciDevice Device => _nic.File.Device;

    private VirtualClock Clock => _nic.Host.Clock;

    public void Dispose() => _nic.Dispose();

    [Fact]
    public void A_hot_reset_is_refused_while_the_user_of_a_neighbour_has_its_power_state_changed()
    {
        using VfioDeviceFile neighbour = OpenNeighbour();
        KernelResult? meanwhile = null;
        using ITimer timer = After(Moment, () => meanwhile = HotReset());

        neighbour.Config.WritePmcsrState(PowerState.D3Hot);

        meanwhile!.Value.Errno.Should().Be(Errno.EBUSY);
        Device.IsMemoryLocked.Should().BeFalse("what was taken before is given back");
        _nic.Nic.UsageCount.Should().Be(1);
        HotReset().Should().Be(KernelResult.Success);
    }

    [Fact]
    public void A_hot_reset_is_refused_while_the_user_of_a_neighbour_resets_it()
    {
        using VfioDeviceFile neighbour = OpenNeighbour();
        KernelResult? meanwhile = null;
        using ITimer timer = After(Moment, () => meanwhile = HotReset());

        neighbour.Reset().Should().Be(KernelResult.Success);

        meanwhile!.Value.Errno.Should().Be(Errno.EBUSY);
    }

    [Fact]
    public void Memory_is_read_when_the_change_is_over()
    {
        TimeSpan before = Clock.Now;
        using ITimer timer = HoldFor(Moment);

        _nic.File.Read(0, 0, new byte[4]).Should().Be(new KernelResult(4));

        Clock.Now.Should().Be(before + Moment);
    }

    /// <summary>The memory for what is read was that of a call before, which forks do not have, with what was in it.</summary>
    [Fact]
    public void A_read_that_waits_has_nothing_of_another_call_in_its_hash()
    {
        using VfioMapping mapping = _nic.File.Map(0, 0, 0x1000);
        SimulatedHost fork = _nic.Host.Fork();
        _nic.File.Config.Write(0x0c, 1, 0x40);
        fork.VfioPci.Devices[0].Files[0].Config.Write(0x0c, 1, 0x40);
        _nic.File.Config.Read(PciRegisters.VendorId, 4);

        Wait(_nic.Host).Should().Be(Wait(fork));

        static ulong Wait(SimulatedHost host)
        {
            VfioPciDevice device = host.VfioPci.Devices[0];
            device.TryLockMemory().Should().BeTrue();
            device.Files[0].Mappings[0].Invoking(one => one.Read(0, 4)).Should().Throw<SimulationDeadlockException>();
            return host.ComputeStateHash();
        }
    }

    [Fact]
    public void A_page_that_was_taken_away_comes_back_when_the_change_is_over()
    {
        using VfioMapping mapping = _nic.File.Map(0, 0, 0x1000);
        TimeSpan before = Clock.Now;
        using ITimer timer = HoldFor(Moment);

        mapping.Read(0, 4).IsFault.Should().BeFalse();

        Clock.Now.Should().Be(before + Moment);
    }

    [Fact]
    public void Ports_and_configuration_space_are_not_waited_for()
    {
        TimeSpan before = Clock.Now;
        Device.TryLockMemory().Should().BeTrue();

        _nic.File.Read(IoBar, 0, new byte[4]).Should().Be(new KernelResult(4));
        _nic.File.Config.Read(PciRegisters.VendorId, 2).Should().Be(0x8086);

        Clock.Now.Should().Be(before);
    }

    [Fact]
    public void A_reset_begins_when_the_change_is_over()
    {
        TimeSpan before = Clock.Now;
        using ITimer timer = HoldFor(Moment);

        _nic.File.Reset().Should().Be(KernelResult.Success);

        Clock.Now.Should().BeGreaterThan(before + Moment);
        Device.IsMemoryLocked.Should().BeFalse();
    }

    [Fact]
    public void A_call_in_the_middle_of_another_waits_for_that_and_then_works()
    {
        KernelResult? meanwhile = null;
        using ITimer timer = After(Moment, () => meanwhile = _nic.File.Reset());

        _nic.File.Config.WritePmcsrState(PowerState.D3Hot);

        meanwhile.Should().Be(KernelResult.Success);
        _nic.Nic.Should().BeIn(PowerState.D0, "the reset came after the change of the state");
        Device.IsMemoryLocked.Should().BeFalse();
    }

    [Fact]
    public void Memory_that_nobody_will_give_back_is_waited_for_in_vain_until_somebody_does()
    {
        Device.TryLockMemory();

        FluentActions.Invoking(_nic.File.Reset).Should().Throw<SimulationDeadlockException>()
            .WithMessage("*waits for memory_lock of 0000:01:00.0*from outside: holds memory_lock of 0000:01:00.0");

        Device.UnlockMemory();
        Clock.Advance(OpenNic.AutosuspendDelay);
        _nic.Host.Kernel.Threads.Should().BeEmpty("the call went on");
        Device.IsMemoryLocked.Should().BeFalse();
    }

    [Fact]
    public void A_fork_in_the_middle_of_a_users_call_ends_it_by_itself()
    {
        SimulatedHost? fork = null;
        ulong inTheMiddle = 0;
        using ITimer timer = After(Moment, () =>
        {
            inTheMiddle = _nic.Host.ComputeStateHash();
            fork = _nic.Host.Fork();
        });

        _nic.File.Config.WritePmcsrState(PowerState.D3Hot);

        fork!.ComputeStateHash().Should().Be(inTheMiddle);
        fork.VfioPci.Devices[0].IsMemoryLocked.Should().BeTrue();
        fork.Clock.Advance(Clock.Now - fork.Clock.Now);
        fork.ComputeStateHash().Should().Be(_nic.Host.ComputeStateHash());
        fork.Devices[1].Should().BeIn(PowerState.D3Hot);
    }

    [Fact]
    public void A_device_that_its_user_lets_sleep_does_so_when_the_change_is_over()
    {
        _nic.File.EnterLowPower();
        Device.TryLockMemory();
        Clock.Advance(OpenNic.AutosuspendDelay);
        _nic.Nic.RuntimeStatus.Should().Be(RuntimeStatus.Suspending);
        SimulatedHost fork = _nic.Host.Fork();
        fork.ComputeStateHash().Should().Be(_nic.Host.ComputeStateHash());

        foreach (SimulatedHost host in new[] { _nic.Host, fork })
        {
            host.VfioPci.Devices[0].UnlockMemory();
            host.Clock.Advance(OpenNic.AutosuspendDelay);

            host.Devices[1].Should().BeIn(PowerState.D3Cold).And.HaveRuntimeStatus(RuntimeStatus.Suspended);
            host.VfioPci.Devices[0].IsMemoryLocked.Should().BeFalse();
        }
    }

    [Fact]
    public void The_lock_is_taken_once_and_given_back_once()
    {
        ulong free = _nic.Host.ComputeStateHash();

        Device.TryLockMemory().Should().BeTrue();
        Device.TryLockMemory().Should().BeFalse();
        _nic.Host.ComputeStateHash().Should().NotBe(free);
        Device.UnlockMemory();

        FluentActions.Invoking(Device.UnlockMemory).Should().Throw<InvalidOperationException>();
        _nic.Host.ComputeStateHash().Should().Be(free);
    }

    private KernelResult HotReset() => _nic.File.HotReset(_nic.File.Group);

    private VfioDeviceFile OpenNeighbour() => _nic.Host.VfioPci.Bind(_nic.Port.AddEndpoint("0000:01:00.1")).Open();

    /// <summary>Another thread holds the lock for a while.</summary>
    private ITimer HoldFor(TimeSpan duration)
    {
        Device.TryLockMemory().Should().BeTrue();
        return After(duration, Device.UnlockMemory);
    }

    private ITimer After(TimeSpan delay, Action action) =>
        Clock.CreateTimer(_ => action(), null, delay, Timeout.InfiniteTimeSpan);
}

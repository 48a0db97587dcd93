namespace VfioPm.Tests;

/// <summary>Calls that wait for ever: what is said of them, and what is so afterwards.</summary>
public sealed class DeadlockTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_1);
    private readonly VfioPciDevice _bound;

    public DeadlockTests() => _bound = _host.VfioPci.Bind(
        _host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource()).AddEndpoint("0000:01:00.0"));

    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_timer_that_comes_again_and_again_does_not_hide_one()
    {
        VfioDeviceFile file = _bound.Open();
        int ticks = 0;
        using ITimer timer = _host.Clock.CreateTimer(_ => ticks++, null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        _bound.TryLockMemory();

        file.Invoking(one => one.Reset()).Should().Throw<SimulationDeadlockException>();

        ticks.Should().Be(10_000, "any of them could have given the lock back");
    }

    [Fact]
    public void A_timer_that_ends_the_wait_late_ends_it()
    {
        VfioDeviceFile file = _bound.Open();
        int ticks = 0;
        using ITimer timer = _host.Clock.CreateTimer(
            _ =>
            {
                if (++ticks == 5_000)
                {
                    _bound.UnlockMemory();
                }
            },
            null,
            TimeSpan.FromSeconds(1),
            TimeSpan.FromSeconds(1));
        _bound.TryLockMemory();

        file.Reset().Should().Be(KernelResult.Success);
    }

    [Fact]
    public void A_guest_s_thread_is_followed_into_the_kernel_of_its_host()
    {
        LinuxGuest guest = _host.Boot(_bound.Open());
        guest.Driver.GoIdle();
        _host.Clock.Advance(TimeSpan.FromSeconds(5));
        guest.Device.RuntimeStatus.Should().Be(RuntimeStatus.Suspended);
        _bound.TryLockMemory();

        guest.Driver.Invoking(driver => driver.Use()).Should().Throw<SimulationDeadlockException>()
            .WithMessage("""
                Nothing that is pending*
                  caller, 0000:01:00.0: guest driver uses the device: in*waits for the call of another: *
                  caller, 0000:01:00.0: *waits for memory_lock of 0000:01:00.0*
                  from outside: holds memory_lock of 0000:01:00.0
                """);

        _bound.UnlockMemory();
        _host.Clock.Advance(TimeSpan.FromSeconds(1));
        guest.Device.RuntimeStatus.Should().Be(RuntimeStatus.Active);
    }

    [Fact]
    public void A_guest_that_cannot_be_reset_is_off_and_what_it_held_goes_later()
    {
        LinuxGuest guest = _host.Boot(_bound.Open());
        _bound.TryLockMemory();

        guest.Invoking(one => one.Reset()).Should().Throw<SimulationDeadlockException>();

        guest.IsRunning.Should().BeFalse();
        guest.Invoking(one => one.Reset()).Should().Throw<InvalidOperationException>().WithMessage("guest is off*");
        _host.Fork().ComputeStateHash().Should().Be(_host.ComputeStateHash());
        _bound.UnlockMemory();
        _host.Clock.Advance(TimeSpan.FromSeconds(20));
        _host.Kernel.Threads.Should().BeEmpty();
        _bound.IsOpen.Should().BeFalse();
        _host.Boot(_bound.Open()).Reset();
    }

    [Fact]
    public void A_guest_that_cannot_boot_is_none()
    {
        VfioDeviceFile file = _bound.Open();
        file.EnterLowPower();
        _bound.TryLockMemory();

        FluentActions.Invoking(() => _host.Boot(file)).Should().Throw<SimulationDeadlockException>();

        _host.Guests.Should().BeEmpty();
        _host.Fork().ComputeStateHash().Should().Be(_host.ComputeStateHash());
        _bound.UnlockMemory();
        _host.Clock.Advance(TimeSpan.FromSeconds(20));
        _host.Kernel.Threads.Should().BeEmpty();
        _host.Boot(_bound.Open()).Reset();
    }
}

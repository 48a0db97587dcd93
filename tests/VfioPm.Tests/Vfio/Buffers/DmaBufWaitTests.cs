namespace VfioPm.Tests;

/// <summary>A driver that has a buffer mapped and takes its time (<c>vfio_pci_dma_buf_move()</c>, <c>wait_for_completion()</c>).</summary>
public sealed class DmaBufWaitTests : IDisposable
{
    private static readonly VfioDmaBufImporter Slow = new() { UnmapsAtOnce = false };

    private readonly OpenNic _nic = new(KernelProfile.Linux7_3);
    private readonly VfioDmaBuf _buffer;
    private readonly VfioDmaBufAttachment _peer;

    public DmaBufWaitTests()
    {
        _buffer = _nic.File.Export(0, 0, 0x1000);
        _peer = _buffer.Attach(Slow);
        _peer.Map().Should().Succeed();
    }

    private VfioPciDevice Device => _nic.File.Device;

    public void Dispose() => _nic.Dispose();

    [Fact]
    public void vfio_pci_dma_buf_move_waits_for_who_has_it_mapped_with_memory_lock_held()
    {
        PendingCall entry = _nic.File.BeginEnterLowPower();
        _nic.Host.Clock.Advance(TimeSpan.FromSeconds(10));
        entry.IsCompleted.Should().BeFalse();
        entry.WaitsFor.Should().Be("whoever has mapped the buffer of 0000:01:00.0");
        entry.Thread.Holds.Should().Equal("memory_lock of 0000:01:00.0");
        _peer.Invalidations.Should().Be(1);
        _peer.Read(0, 4).IsFault.Should().BeFalse("it is mapped until its driver unmaps it");
        _nic.Nic.Should().BeIn(PowerState.D0);

        PendingCall read = _nic.File.BeginRead(0, 0, new UserMemory(4));
        read.WaitsFor.Should().Be("memory_lock of 0000:01:00.0");
        _nic.File.HotReset(_nic.File.Group).Errno.Should().Be(Errno.EBUSY);

        _peer.Unmap();
        _nic.Host.Clock.Advance(TimeSpan.FromSeconds(1));
        entry.Result.Should().Be(KernelResult.Success);
        read.Result!.Value.Value.Should().Be(4);
        _nic.Nic.Should().BeIn(PowerState.D3Cold);
    }

    [Fact]
    public void It_waits_for_each_that_is_mapped_and_for_one_buffer_after_the_other()
    {
        VfioDmaBufAttachment second = _nic.File.Export(0, 0x1000, 0x1000).Attach(Slow);
        second.Map().Should().Succeed();
        PendingCall write = _nic.File.BeginEnterLowPower();
        second.Invalidations.Should().Be(0);
        second.Unmap();
        write.IsCompleted.Should().BeFalse();

        _peer.Unmap();
        _nic.Host.Clock.RunPending();
        second.Invalidations.Should().Be(1);
        write.IsCompleted.Should().BeTrue();
    }

    [Fact]
    public void A_close_waits_too()
    {
        PendingCall close = _nic.File.BeginClose();
        _nic.Host.Clock.Advance(TimeSpan.FromSeconds(10));
        close.IsCompleted.Should().BeFalse();
        close.Thread.Holds.Should().Contain("memory_lock of 0000:01:00.0");

        _peer.Detach();
        _nic.Host.Clock.Advance(TimeSpan.FromSeconds(2));
        close.IsCompleted.Should().BeTrue();
        _nic.Nic.Should().BeIn(PowerState.D3Cold);
    }

    [Fact]
    public void Who_waits_for_ever_is_found()
    {
        Action sleep = () => _nic.File.EnterLowPower();
        sleep.Should().Throw<SimulationDeadlockException>().WithMessage("*whoever has mapped the buffer of 0000:01:00.0*");
    }

    [Fact]
    public void vfio_pci_dma_buf_release_waits_for_memory_lock()
    {
        _peer.Detach();
        Device.TryLockMemory().Should().BeTrue();
        using ITimer timer = _nic.Host.Clock.CreateTimer(
            _ => Device.UnlockMemory(), null, TimeSpan.FromMilliseconds(5), Timeout.InfiniteTimeSpan);
        TimeSpan before = _nic.Host.Clock.Now;

        _buffer.Close();

        _nic.Host.Clock.Now.Should().Be(before + TimeSpan.FromMilliseconds(5));
        Device.DmaBufs.Should().BeEmpty();
    }

    [Fact]
    public void A_fork_in_the_middle_goes_on_by_itself()
    {
        PendingCall entry = _nic.File.BeginEnterLowPower();
        using SimulatedHost fork = _nic.Host.Fork();
        fork.ComputeStateHash().Should().Be(_nic.Host.ComputeStateHash());
        VfioDmaBuf buffer = fork.VfioPci["0000:01:00.0"].DmaBufs.Should().ContainSingle().Subject;

        buffer.Attachments[0].Unmap();
        fork.Clock.Advance(TimeSpan.FromSeconds(1));
        fork["0000:01:00.0"].Should().BeIn(PowerState.D3Cold);
        fork.ComputeStateHash().Should().NotBe(_nic.Host.ComputeStateHash());
        entry.IsCompleted.Should().BeFalse();
        _peer.IsMapped.Should().BeTrue();
    }
}

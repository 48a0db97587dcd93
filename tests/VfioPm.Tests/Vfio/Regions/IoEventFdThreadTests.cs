namespace VfioPm.Tests;

/// <summary>An ioeventfd that is signalled while somebody changes whether memory may be accessed (<c>vfio_pci_ioeventfd_handler()</c>).</summary>
public sealed class IoEventFdThreadTests
{
    private const int Doorbell = 0x20;

    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    [InlineData("linux-7.3")]
    public void A_worker_writes_later_and_can_be_forked_before(string profile)
    {
        using var nic = new OpenNic(KernelProfile.Parse(profile));
        var signal = new EventFd();
        nic.File.SetIoEventFd(new VfioIoEventFd(0, Doorbell, 4, 7, signal)).Should().Succeed();
        nic.File.Device.TryLockMemory().Should().BeTrue();

        signal.Signal();
        nic.Host.Clock.Advance(TimeSpan.FromMilliseconds(10));
        nic.Nic.Hardware.ReadMapped(0, Doorbell, 4).Should().Be(0, "memory_lock is held");
        SimulatedHost fork = nic.Host.Fork();
        fork.ComputeStateHash().Should().Be(nic.Host.ComputeStateHash());
        foreach (SimulatedHost host in new[] { nic.Host, fork })
        {
            host.VfioPci.Devices[0].UnlockMemory();
            host.Clock.Advance(TimeSpan.FromMilliseconds(10));

            host["0000:01:00.0"].Hardware.ReadMapped(0, Doorbell, 4).Should().Be(7);
        }
    }
}

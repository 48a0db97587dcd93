namespace VfioPm.Tests;

/// <summary>Who takes a device away waits for its users (<c>vfio_unregister_group_dev()</c>).</summary>
public sealed class UnregisterTests
{
    // The user's ioctl holds igate for as long as his reset has memory_lock, and his close comes with its end: before the one who unbinds has asked for
    // the device, under igate, and begins to wait.
    [Fact]
    public void A_close_that_came_just_before_the_wait_counts()
    {
        using var nic = new OpenNic(KernelProfile.Linux7_3);
        nic.File.BeginReset();
        nic.File.BeginEnableIrqs(VfioIrqIndex.MsiX, new EventFd());
        PendingCall unbind = nic.File.Device.BeginUnbind();
        nic.File.BeginClose();
        unbind.IsCompleted.Should().BeFalse();

        nic.Host.Clock.Advance(TimeSpan.FromSeconds(2));

        nic.File.IsClosed.Should().BeTrue();
        unbind.IsCompleted.Should().BeTrue("nobody waits the ten seconds until he asks again");
    }
}

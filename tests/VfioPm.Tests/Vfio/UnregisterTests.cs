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

    /// <summary><c>vfio_pci_core_request()</c>: he is asked every ten seconds, and every tenth time is told of.</summary>
    [Fact]
    public void A_user_who_listens_is_asked_again_and_again()
    {
        using var nic = new OpenNic(KernelProfile.Linux7_3);
        var request = new EventFd();
        nic.File.EnableIrqs(VfioIrqIndex.Req, request).Should().Succeed();
        PendingCall unbind = nic.File.Device.BeginUnbind();

        nic.Host.Clock.Advance(TimeSpan.FromSeconds(205));

        unbind.IsCompleted.Should().BeFalse();
        request.Count.Should().Be(21);
        Lines(nic, "Relaying device request").Should().Equal(
            Enumerable.Range(0, 3).Select(static ten => $"0000:01:00.0: Relaying device request to user (#{10 * ten})"));
        Lines(nic, "No device request channel").Should().BeEmpty();
    }

    [Fact]
    public void Of_a_user_who_does_not_listen_is_told_once()
    {
        using var nic = new OpenNic(KernelProfile.Linux7_3);
        nic.File.Device.BeginUnbind();

        nic.Host.Clock.Advance(TimeSpan.FromSeconds(205));

        Lines(nic, "No device request channel").Should().Equal(
            "0000:01:00.0: No device request channel registered, blocked until released by user");
        Lines(nic, "Relaying device request").Should().BeEmpty();
    }

    private static IEnumerable<string> Lines(OpenNic nic, string text) => nic.Host.Log.ToString()
        .Split('\n').Where(line => line.Contains(text, StringComparison.Ordinal)).Select(static line => line[line.IndexOf("0000:", StringComparison.Ordinal)..]);
}

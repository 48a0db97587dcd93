namespace VfioPm.Tests;

/// <summary>A guest whose own timer puts its device to sleep while the VMM is in the middle of a call.</summary>
public sealed class GuestMeanwhileTests
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);

    public static TheoryData<string> Profiles => GuestMachine.AllProfiles;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void It_goes_idle_while_the_VMM_resets_the_device(string profile) =>
        Overlap(profile, static (_, file) => file.BeginReset());

    [Theory]
    [MemberData(nameof(Profiles))]
    public void It_goes_idle_while_a_neighbour_is_hot_reset(string profile) =>
        Overlap(profile, static (neighbour, _) => neighbour.BeginHotReset(neighbour.Group));

    [Theory]
    [MemberData(nameof(Profiles))]
    public void It_goes_idle_while_a_neighbour_is_closed(string profile) =>
        Overlap(profile, static (neighbour, _) => neighbour.BeginClose());

    [Theory]
    [MemberData(nameof(Profiles))]
    public void It_goes_idle_while_the_VMM_resets_and_waits_for_it(string profile)
    {
        (SimulatedHost host, LinuxGuest guest, _) = Make(profile);
        guest.Driver.GoIdle();
        host.Clock.Advance(Delay - TimeSpan.FromMilliseconds(5));

        guest.Device.Virtual.File.Reset().IsError.Should().BeFalse();

        ShouldEnd(host, guest);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_VMM_is_killed_while_its_guest_goes_idle(string profile)
    {
        (SimulatedHost host, LinuxGuest guest, _) = Make(profile);
        guest.Driver.GoIdle();
        host.Clock.Advance(Delay);

        guest.Dispose();
        host.Clock.Advance(TimeSpan.FromSeconds(10));

        host.Kernel.Threads.Should().BeEmpty();
        guest.RuntimePm.Kernel.Threads.Should().BeEmpty();
        host.VfioPci["0000:01:00.0"].OpenCount.Should().Be(0);
    }

    /// <summary>The guest's timer runs out at every millisecond of the call.</summary>
    private static void Overlap(string profile, Func<VfioDeviceFile, VfioDeviceFile, PendingCall> begin)
    {
        for (int lead = 0; lead <= 120; lead += 3)
        {
            (SimulatedHost host, LinuxGuest guest, VfioDeviceFile neighbour) = Make(profile);
            guest.Driver.GoIdle();
            host.Clock.Advance(TimeSpan.FromMilliseconds(Math.Max(0, Delay.TotalMilliseconds - lead)));

            PendingCall call = begin(neighbour, guest.Device.Virtual.File);
            host.Clock.Advance(TimeSpan.FromSeconds(10));

            call.IsCompleted.Should().BeTrue($"begun {lead} ms before the timer");
            ShouldEnd(host, guest);
        }
    }

    private static void ShouldEnd(SimulatedHost host, LinuxGuest guest)
    {
        host.Clock.Advance(TimeSpan.FromSeconds(10));
        host.Kernel.Threads.Should().BeEmpty();
        guest.RuntimePm.Kernel.Threads.Should().BeEmpty();
        guest.Device.RuntimeStatus.Should().Be(RuntimeStatus.Suspended);
        host.VfioPci["0000:01:00.0"].IsMemoryLocked.Should().BeFalse();
        guest.Driver.Use().IsError.Should().BeFalse();
    }

    private static (SimulatedHost Host, LinuxGuest Guest, VfioDeviceFile Neighbour) Make(string profile)
    {
        var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", setup => setup.WithPowerResource());
        VfioDeviceFile file = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.0")).Open();
        VfioDeviceFile neighbour = host.VfioPci.Bind(port.AddEndpoint("0000:01:00.1")).Open();
        LinuxGuest guest = host.Boot(file, vmm => vmm.WithPowerResource().WithAutosuspendDelay(Delay));
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        return (host, guest, neighbour);
    }
}

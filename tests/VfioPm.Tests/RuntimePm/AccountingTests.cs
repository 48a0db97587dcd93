namespace VfioPm.Tests;

/// <summary>How long a device was active and suspended (<c>update_pm_runtime_accounting()</c>).</summary>
public sealed class AccountingTests
{
    private readonly RuntimePmCore _core = new();

    [Fact]
    public void Time_counts_for_the_status_in_which_it_passes()
    {
        RuntimePmDevice device = _core.AddSuspended("nic");
        _core.Advance(30);
        device.GetSync();
        _core.Advance(200);
        device.PutSync();
        _core.Advance(5);

        TimesOf(device).Should().Be((200, 35));
    }

    [Fact]
    public void On_its_way_down_and_up_a_device_is_active()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 10, resume: 40));
        _core.Advance(100);
        device.Suspend();
        _core.Advance(7);
        device.Resume();

        TimesOf(device).Should().Be((150, 7));
    }

    [Fact]
    public void Disabling_stops_the_account_and_enabling_begins_it_anew()
    {
        RuntimePmDevice device = _core.AddActive("nic");
        _core.Advance(20);
        device.Disable();
        _core.Advance(500);
        device.SetSuspended();
        device.Disable();
        _core.Advance(500);
        device.Enable();
        TimesOf(device).Should().Be((20, 0));
        device.Enable();
        _core.Advance(3);

        TimesOf(device).Should().Be((20, 3));
    }

    [Fact]
    public void What_ends_after_it_was_disabled_does_not_count()
    {
        RuntimePmDevice device = _core.AddActive("nic", callbacks: Rpm.Slow(suspend: 10));
        _core.Advance(20);
        device.BeginSuspend();
        _core.Advance(4);
        device.Disable();
        device.Status.Should().Be(RuntimeStatus.Suspended);

        TimesOf(device).Should().Be((24, 0));
    }

    [Fact]
    public void A_fork_counts_on_by_itself()
    {
        using var host = new SimulatedHost(KernelProfile.Linux6_1);
        RuntimePmDevice device = host.RuntimePm.AddActive("nic");
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        device.Suspend();
        host.Clock.Advance(TimeSpan.FromSeconds(2));

        using SimulatedHost fork = host.Fork();
        RuntimePmDevice forked = fork.RuntimePm.Devices.Single(static one => one.Name == "nic");
        forked.GetSync();
        fork.Clock.Advance(TimeSpan.FromSeconds(4));
        host.Clock.Advance(TimeSpan.FromSeconds(8));

        TimesOf(forked).Should().Be((5000, 2000));
        TimesOf(device).Should().Be((1000, 10_000));
    }

    [Theory]
    [MemberData(nameof(ReleasedKernels.WithLowPower), MemberType = typeof(ReleasedKernels))]
    public void runtime_suspended_time_show_shows_whole_milliseconds_and_wakes_nobody(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0", static port => port.WithPowerResource());
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E);
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        nic.Should().BeIn(PowerState.D3Cold);
        long before = Number(nic, "power/runtime_suspended_time");
        string active = nic.Sysfs.Read("power/runtime_active_time").Text!;
        host.Clock.Advance(TimeSpan.FromMilliseconds(1234.9));

        Number(nic, "power/runtime_suspended_time").Should().BeInRange(before + 1234, before + 1235);
        nic.Sysfs.Read("power/runtime_active_time").Text.Should().Be(active);
        nic.Should().BeIn(PowerState.D3Cold);
        nic.Sysfs.Write("power/runtime_active_time", "0").Errno.Should().Be(Errno.EACCES);
    }

    private static (long Active, long Suspended) TimesOf(RuntimePmDevice device) =>
        ((long)device.ActiveTime.TotalMilliseconds, (long)device.SuspendedTime.TotalMilliseconds);

    private static long Number(PciDevice device, string attribute) =>
        long.Parse(device.Sysfs.Read(attribute).Text!, System.Globalization.CultureInfo.InvariantCulture);
}

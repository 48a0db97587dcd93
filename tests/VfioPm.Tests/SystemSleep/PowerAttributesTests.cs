namespace VfioPm.Tests;

/// <summary>The files under <c>/sys/power</c>.</summary>
public sealed class PowerAttributesTests
{
    private readonly Machine _machine = new(KernelProfile.Linux6_12, image: Machine.WithPme());

    private SimulatedHost Host => _machine.Host;

    private PciSysfs Sysfs => _machine.Host.PowerSysfs;

    [Theory]
    [InlineData("freeze", "s2idle")]
    [InlineData("mem", "deep")]
    public void Writing_to_state_puts_the_machine_to_sleep_until_the_alarm(string written, string told)
    {
        Host.SystemSleep.Alarm = TimeSpan.FromHours(1);

        Sysfs.Write("state", written).Should().Be(KernelResult.Success);

        Host.Clock.TimeAsleep.Should().Be(TimeSpan.FromHours(1));
        Host.Log.ToString().Should().Contain($"PM: suspend entry ({told})").And.Contain("PM: suspend exit");
    }

    [Theory]
    [InlineData("linux-6.1", "s2idle\n", "[s2idle] deep")]
    [InlineData("linux-6.12", "s2idle\n", "[s2idle] deep")]
    [InlineData("linux-7.3", "s2idle\n", "[s2idle] deep")]
    [InlineData("linux-6.1", "deep\n", "s2idle [deep]")]
    [InlineData("linux-6.12", "deep\n", "s2idle [deep]")]
    [InlineData("linux-7.3", "deep\n", "s2idle [deep]")]
    public void mem_sleep_store_says_what_mem_is(string kernel, string written, string shown)
    {
        SimulatedHost host = new Machine(KernelProfile.Parse(kernel)).Host;
        host.SystemSleep.Alarm = TimeSpan.FromHours(1);
        host.PowerSysfs.Write("mem_sleep", "s2idle").Should().Succeed();

        host.PowerSysfs.Write("mem_sleep", written).Should().Succeed();
        host.PowerSysfs.Write("state", "mem\n").Should().Succeed();

        host.PowerSysfs.Read("mem_sleep").Text.Should().Be(shown);
        host.Log.ToString().Should().Contain($"PM: suspend entry ({written.TrimEnd()})");
    }

    [Theory]
    [InlineData("freezer", SleepTest.Freezer)]
    [InlineData("devices", SleepTest.Devices)]
    [InlineData("platform", SleepTest.Platform)]
    [InlineData("none", SleepTest.None)]
    public void pm_test_says_how_far_it_goes(string written, SleepTest test)
    {
        Sysfs.Write("pm_test", written).Should().Be(KernelResult.Success);

        Host.SystemSleep.Test.Should().Be(test);
        Sysfs.Read("pm_test").Text.Should().Contain($"[{written}]");
    }

    [Theory]
    [InlineData("state", "disk", Errno.EINVAL)]
    [InlineData("pm_test", "core", Errno.EINVAL)]
    [InlineData("wakeup_count", "1", Errno.EINVAL)]
    [InlineData("wakeup_count", "many", Errno.EINVAL)]
    [InlineData("mem_sleep", "shallow", Errno.EINVAL)]
    [InlineData("resume", "1", Errno.ENOENT)]
    public void What_is_not_taken_is_refused(string attribute, string value, Errno error) =>
        Sysfs.Write(attribute, value).Errno.Should().Be(error);

    [Theory]
    [InlineData("state", "freeze mem")]
    [InlineData("mem_sleep", "s2idle [deep]")]
    [InlineData("pm_test", "[none] platform devices freezer")]
    [InlineData("wakeup_count", "0")]
    public void What_is_read(string attribute, string text) => Sysfs.Read(attribute).Text.Should().Be(text);

    [Fact]
    public void There_is_no_other_file() => Sysfs.Read("disk").Error.Should().Be(Errno.ENOENT);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_event_after_wakeup_count_was_written_keeps_the_machine_awake(bool isThere)
    {
        _machine.Nic.Sysfs.Write("power/wakeup", "enabled").Should().Be(KernelResult.Success);
        Host.SystemSleep.Alarm = TimeSpan.FromHours(1);
        Sysfs.Write("wakeup_count", Sysfs.Read("wakeup_count").Text!).Should().Be(KernelResult.Success);
        if (isThere)
        {
            PciPm.ReportWakeup(_machine.Nic);
        }

        Sysfs.Write("state", "freeze").Errno.Should().Be(isThere ? Errno.EBUSY : null);

        Host.Clock.TimeAsleep.Should().Be(isThere ? TimeSpan.Zero : TimeSpan.FromHours(1));
        Sysfs.Read("wakeup_count").Text.Should().Be(isThere ? "1" : "0", "read when the event is dealt with");
        Sysfs.Write("state", "freeze").Should().Be(KernelResult.Success, "it counts once");
        PciPm.ReportWakeup(_machine.Nic);
        foreach (string counter in (string[])["power/wakeup_count", "power/wakeup_abort_count"])
        {
            _machine.Nic.Sysfs.Read(counter).Text.Should().Be(isThere ? "1" : "0", "while nobody checks for events none is counted");
        }
    }

    /// <summary><c>pm_get_wakeup_count()</c>: a PME is dealt with for a tenth of a second.</summary>
    [Fact]
    public void Reading_wakeup_count_waits_until_the_event_is_dealt_with()
    {
        _machine.Nic.Sysfs.Write("power/wakeup", "enabled").Should().Be(KernelResult.Success);
        PciPm.ReportWakeup(_machine.Nic);
        TimeSpan before = Host.Clock.Now;

        Sysfs.Read("wakeup_count").Error.Should().BeNull();

        (Host.Clock.Now - before).Should().BeCloseTo(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(4));
    }
}

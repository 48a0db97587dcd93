namespace VfioPm.Tests;

/// <summary>The attributes under <c>power/</c> of any device (<c>drivers/base/power/sysfs.c</c>).</summary>
public sealed class RuntimePmSysfsTests
{
    private readonly RuntimePmCore _core = new();
    private readonly RuntimePmDevice _port;
    private readonly RuntimePmDevice _nic;

    public RuntimePmSysfsTests()
    {
        _port = _core.AddActive("port");
        _nic = _core.AddActive("nic", _port);
    }

    [Fact]
    public void They_show_what_the_device_counts()
    {
        _nic.Get();
        _nic.Get();

        Read("power/runtime_usage").Text.Should().Be("2");
        Read("power/runtime_active_kids").Text.Should().Be("0");
        ReadOf(_port, "power/runtime_active_kids").Text.Should().Be("1");

        _port.SetIgnoreChildren(true);
        ReadOf(_port, "power/runtime_active_kids").Text.Should().Be("0");
    }

    [Fact]
    public void They_show_how_long_it_was_active_and_suspended_in_whole_milliseconds()
    {
        _core.Clock.Advance(TimeSpan.FromMilliseconds(20.9));
        _nic.Suspend();
        _core.Clock.Advance(TimeSpan.FromMilliseconds(300));

        Read("power/runtime_active_time").Text.Should().Be("20");
        Read("power/runtime_suspended_time").Text.Should().Be("300");
    }

    [Fact]
    public void runtime_status_shows_an_error_first_and_a_disabled_device_as_unsupported()
    {
        Read("power/runtime_status").Text.Should().Be("active");
        _nic.Callbacks = Rpm.Slow(suspend: 10, resume: 10);
        _nic.BeginSuspend();
        Read("power/runtime_status").Text.Should().Be("suspending");
        _core.Advance(10);
        Read("power/runtime_status").Text.Should().Be("suspended");
        _nic.BeginResume();
        Read("power/runtime_status").Text.Should().Be("resuming");
        _core.Advance(10);
        _nic.Disable();
        Read("power/runtime_status").Text.Should().Be("unsupported");
        _nic.Error = -Errno.EIO;
        Read("power/runtime_status").Text.Should().Be("error");
    }

    [Fact]
    public void runtime_enabled_shows_whether_it_is_enabled_and_allowed()
    {
        Read("power/runtime_enabled").Text.Should().Be("enabled");
        Write("power/control", "on").Should().Be(KernelResult.Success);
        Read("power/runtime_enabled").Text.Should().Be("forbidden");
        _nic.Disable();
        Read("power/runtime_enabled").Text.Should().Be("disabled & forbidden");
        Write("power/control", "auto").Should().Be(KernelResult.Success);
        Read("power/runtime_enabled").Text.Should().Be("disabled");
    }

    [Fact]
    public void Writing_to_control_forbids_and_allows()
    {
        _nic.Suspend();

        Write("power/control", "on\n").Should().Be(KernelResult.Success);
        _nic.Should().BeEquivalentTo(new { Status = RuntimeStatus.Active, UsageCount = 1 });
        Read("power/control").Text.Should().Be("on");

        Write("power/control", "auto\n").Should().Be(KernelResult.Success);
        _core.Clock.RunPending();
        _nic.Should().BeEquivalentTo(new { Status = RuntimeStatus.Suspended, UsageCount = 0 });
        Read("power/control").Text.Should().Be("auto");

        Write("power/control", "off").Should().Be((KernelResult)Errno.EINVAL);
    }

    [Fact]
    public void There_is_a_delay_only_with_autosuspend()
    {
        Read("power/autosuspend_delay_ms").Error.Should().Be(Errno.EIO);
        Write("power/autosuspend_delay_ms", "5").Should().Be((KernelResult)Errno.EIO);

        _nic.Get();
        _nic.SetUseAutosuspend(true);

        Write("power/autosuspend_delay_ms", "1500\n").Should().Be(KernelResult.Success);
        Read("power/autosuspend_delay_ms").Text.Should().Be("1500");
        _nic.AutosuspendDelay.Should().Be(1500);
        Write("power/autosuspend_delay_ms", "soon").Should().Be((KernelResult)Errno.EINVAL);
    }

    [Fact]
    public void async_says_whether_system_sleep_may_suspend_it_beside_others()
    {
        Read("power/async").Text.Should().Be("enabled");
        Write("power/async", "disabled").Should().Be(KernelResult.Success);
        (_nic.SuspendsAsync, Read("power/async").Text).Should().Be((false, "disabled"));
        Write("power/async", "enabled").Should().Be(KernelResult.Success);
        (_nic.SuspendsAsync, Read("power/async").Text).Should().Be((true, "enabled"));
        Write("power/async", "maybe").Should().Be((KernelResult)Errno.EINVAL);
        _nic.SuspendsAsync.Should().BeTrue();
    }

    [Fact]
    public void What_only_shows_cannot_be_written_and_what_there_is_not_is_neither()
    {
        Write("power/runtime_status", "active").Should().Be((KernelResult)Errno.EACCES);
        Read("power/colour").Error.Should().Be(Errno.ENOENT);
        Write("power/colour", "red").Should().Be((KernelResult)Errno.ENOENT);
    }

    [Theory]
    [InlineData("power/control", "on")]
    [InlineData("power/autosuspend_delay_ms", "7")]
    public void Who_steers_waits_for_whoever_holds_the_device(string attribute, string value)
    {
        _nic.Get();
        _nic.SetUseAutosuspend(true);
        _nic.Lock.TryTakeFromOutside().Should().BeTrue();

        PendingCall write = BeginWrite(attribute, value);
        write.WaitsFor.Should().Be("device_lock of nic");
        _nic.Lock.GiveBackFromOutside();
        _core.Clock.RunPending();

        write.Result.Should().Be(KernelResult.Success);
        Read(attribute).Text.Should().Be(value);
        _nic.Lock.IsWriteLocked.Should().BeFalse();
    }

    private static SysfsResult ReadOf(RuntimePmDevice device, string attribute) => new RuntimePmSysfs(device).Read(attribute);

    private SysfsResult Read(string attribute) => ReadOf(_nic, attribute);

    private KernelResult Write(string attribute, string value)
    {
        using KernelEntry entry = KernelEntry.Call(_core.Kernel, "nic");
        return entry.Run(new RuntimePmSysfs(_nic).Write(attribute, value));
    }

    private PendingCall BeginWrite(string attribute, string value)
    {
        using KernelEntry entry = KernelEntry.Begin(_core.Kernel, "nic");
        return entry.Start(new RuntimePmSysfs(_nic).Write(attribute, value));
    }
}

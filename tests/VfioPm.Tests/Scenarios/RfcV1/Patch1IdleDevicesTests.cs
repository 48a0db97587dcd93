namespace VfioPm.Tests;

/// <summary>The first patch: idle devices through runtime PM.</summary>
public sealed class Patch1IdleDevicesTests
{
    private readonly Machine _machine = new(KernelProfile.RfcV1);
    private readonly Machine _kept = new(KernelProfile.RfcV1, disableIdleD3: true);

    private PciDevice Nic => _machine.Nic;

    private VirtualClock Clock => _machine.Host.Clock;

    [Fact]
    public void Binding_sets_D0_allows_runtime_PM_and_gives_it_a_delay_of_a_second()
    {
        _ = _machine.Bind();

        Nic.Should().BeIn(PowerState.D0);
        Nic.Sysfs.Read("power/control").Text.Should().Be("auto");
        Nic.Sysfs.Read("power/autosuspend_delay_ms").Text.Should().Be("1000");
    }

    [Fact]
    public void Binding_drops_the_count_and_the_function_suspends_a_second_later()
    {
        _ = _machine.Bind();

        Nic.Should().HaveUsageCount(0).And.HaveRuntimeStatus(RuntimeStatus.Active);
        Clock.Advance(Machine.AutosuspendDelay - TimeSpan.FromMilliseconds(1));
        Nic.Should().HaveRuntimeStatus(RuntimeStatus.Active);
        _machine.Settle();
        Nic.Should().HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    [Fact]
    public void With_disable_idle_d3_binding_does_not_drop_the_count()
    {
        _ = _kept.Bind();
        _kept.Settle();

        _kept.Nic.Should().HaveUsageCount(1).And.BeIn(PowerState.D0);
    }

    [Fact]
    public void The_driver_leaves_the_state_to_the_PCI_core_which_goes_as_deep_as_the_platform_can()
    {
        Machine warm = new(KernelProfile.RfcV1, cutsPower: false);
        _ = _machine.Bind();
        _ = warm.Bind();

        _machine.Settle();
        warm.Settle();

        Nic.Should().HaveGone(PowerState.D0, PowerState.D3Hot, PowerState.D3Cold);
        warm.Nic.Should().HaveGone(PowerState.D0, PowerState.D3Hot);
    }

    [Fact]
    public void Opening_counts_and_resumes()
    {
        VfioPciDevice bound = _machine.Bind();
        _machine.Settle();

        using VfioDeviceFile device = bound.Open();

        Nic.Should().BeIn(PowerState.D0).And.HaveUsageCount(1).And.HaveRuntimeStatus(RuntimeStatus.Active);
        _machine.Port.Should().BeIn(PowerState.D0);
    }

    [Fact]
    public void With_disable_idle_d3_opening_counts_nothing()
    {
        using VfioDeviceFile device = _kept.Open();

        _kept.Nic.Should().HaveUsageCount(1);
    }

    [Fact]
    public void Closing_drops_the_count_and_a_fresh_second_begins()
    {
        VfioDeviceFile device = _machine.Open();
        Clock.Advance(TimeSpan.FromSeconds(10));

        device.Close();

        Nic.Should().HaveUsageCount(0);
        Clock.Advance(Machine.AutosuspendDelay - TimeSpan.FromMilliseconds(1));
        Nic.Should().HaveRuntimeStatus(RuntimeStatus.Active);
        _machine.Settle();
        Nic.Should().BeIn(PowerState.D3Cold);
    }

    [Fact]
    public void With_disable_idle_d3_closing_drops_nothing()
    {
        _kept.Open().Close();
        _kept.Settle();

        _kept.Nic.Should().HaveUsageCount(1).And.BeIn(PowerState.D0);
    }

    [Fact]
    public void Unbinding_counts_ends_autosuspend_and_forbids_runtime_PM_which_resumes_the_function()
    {
        VfioPciDevice bound = _machine.Bind();
        _machine.Settle();

        bound.Unbind();

        Nic.Should().BeIn(PowerState.D0).And.HaveUsageCount(1);
        Nic.Sysfs.Read("power/control").Text.Should().Be("on");
        Nic.Sysfs.Read("power/autosuspend_delay_ms").Error.Should().Be(Errno.EIO);
    }

    [Fact]
    public void Binding_and_unbinding_again_and_again_leaks_no_count()
    {
        UsageBaseline before = UsageBaseline.Of(_machine.Host.RuntimePm);

        for (int round = 0; round < 3; round++)
        {
            VfioPciDevice bound = _machine.Bind();
            _machine.Settle();
            bound.Open().Close();
            bound.Unbind();
        }

        _machine.Settle();
        _machine.Host.Should().BeBalancedSince(before);
    }

    [Fact]
    public void A_reset_of_the_device_set_clears_the_need_for_every_member()
    {
        DeviceSetMachine machine = new(KernelProfile.RfcV1);

        machine.UseAndCloseSecond();

        machine.Host.VfioPci.Devices.Should().OnlyContain(member => !member.NeedsReset);
    }

    [Fact]
    public void With_d3cold_allowed_0_the_function_stays_out_of_D3cold()
    {
        Nic.Sysfs.Write("d3cold_allowed", "0").Should().Be(KernelResult.Success);

        _ = _machine.Bind();
        _machine.Settle();

        Nic.Should().BeIn(PowerState.D3Hot);
    }
}

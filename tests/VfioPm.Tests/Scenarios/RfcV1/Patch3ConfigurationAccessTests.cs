namespace VfioPm.Tests;

/// <summary>The third patch: other configuration accesses while the guest has asked for low power.</summary>
public sealed class Patch3ConfigurationAccessTests
{
    private readonly Machine _cold = new(KernelProfile.RfcV1);
    private readonly Machine _hot = new(KernelProfile.RfcV1, cutsPower: false);

    [Fact]
    public void An_access_that_needs_the_hardware_wakes_a_function_from_D3cold_for_another_delay()
    {
        using VfioDeviceFile device = _cold.OpenAndSleep();

        _ = device.Config.Read(PciRegisters.Status, 2);

        _cold.Nic.Should().BeIn(PowerState.D0).And.HaveUsageCount(0);
        _cold.Settle();
        _cold.Nic.Should().HaveGone(PowerState.D3Cold, PowerState.D0, PowerState.D3Hot, PowerState.D3Cold);
    }

    [Fact]
    public void An_access_that_needs_the_hardware_does_not_wake_a_function_from_D3hot()
    {
        using VfioDeviceFile device = _hot.OpenAndSleep();
        TimeSpan asleep = _hot.Host.Clock.Now;

        _ = device.Config.Read(PciRegisters.Status, 2);

        _hot.Nic.Should().HaveStayedIn(PowerState.D3Hot, since: asleep).And.HaveUsageCount(0);
    }

    [Fact]
    public void The_port_above_is_resumed_for_the_access_and_let_go_without_an_idle_check()
    {
        using VfioDeviceFile device = _hot.OpenAndSleep();

        _ = device.Config.Read(PciRegisters.Status, 2);
        _hot.Settle();

        _hot.Port.Should().BeIn(PowerState.D0).And.HaveUsageCount(0);
    }

    [Theory]
    [InlineData(PciRegisters.VendorId, 4)]
    [InlineData(PciRegisters.BaseAddress0, 4)]
    [InlineData(PciRegisters.CapabilityPointer, 1)]
    public void An_access_that_touches_only_virtual_bits_wakes_nothing(int offset, int width)
    {
        using VfioDeviceFile device = _cold.OpenAndSleep();
        TimeSpan asleep = _cold.Host.Clock.Now;

        _ = device.Config.Read(offset, width);

        _cold.Nic.Should().HaveStayedIn(PowerState.D3Cold, since: asleep);
        _cold.Port.Should().HaveStayedIn(PowerState.D3Cold, since: asleep);
    }

    [Fact]
    public void The_count_is_held_during_the_access()
    {
        using VfioDeviceFile device = _hot.OpenAndSleep();
        _hot.Host.Trace.Clear();

        _ = device.Config.Read(PciRegisters.Status, 2);

        _hot.Host.Trace.Entries
            .Where(entry => entry.Kind == TraceKind.UsageCount && entry.Device == Machine.NicAddress)
            .Select(entry => entry.UsageCount.After)
            .Should().StartWith([1, 2]).And.EndWith([1, 0]);
    }

    [Fact]
    public void An_access_that_fails_gives_its_count_back_and_wakes_nothing()
    {
        using VfioDeviceFile device = _cold.OpenAndSleep();
        TimeSpan asleep = _cold.Host.Clock.Now;

        KernelResult result = device.Config.TryRead(PciRegisters.ExtendedSize, new byte[4]);

        result.Should().Be((KernelResult)Errno.EFAULT);
        _cold.Nic.Should().HaveUsageCount(0).And.HaveStayedIn(PowerState.D3Cold, since: asleep);
    }

    [Fact]
    public void Accesses_to_the_hardware_keep_a_function_awake_by_starting_the_second_anew()
    {
        using VfioDeviceFile device = _cold.OpenIn(PowerState.D3Hot);
        TimeSpan asked = _cold.Host.Clock.Now;

        for (int i = 0; i < 6; i++)
        {
            _cold.Host.Clock.Advance(TimeSpan.FromMilliseconds(500));
            _ = device.Config.Read(PciRegisters.Status, 2);
        }

        _cold.Nic.Should().HaveStayedIn(PowerState.D0, since: asked);
    }

    [Fact]
    public void The_host_reads_the_real_PMCSR_and_wakes_the_function_for_it()
    {
        using VfioDeviceFile device = _cold.OpenAndSleep();
        byte[] pmcsr = new byte[2];

        _cold.Nic.HostConfig.Read(_cold.Pmcsr, pmcsr);

        pmcsr.Should().Equal(0x00, 0x00);
        device.Config.ReadPmcsrState().Should().Be(PowerState.D3Hot);
    }
}

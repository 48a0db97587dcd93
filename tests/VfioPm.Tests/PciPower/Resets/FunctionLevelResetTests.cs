namespace VfioPm.Tests;

/// <summary>What a function level reset waits for (<c>pcie_flr()</c>, <c>pci_af_flr()</c>).</summary>
public sealed class FunctionLevelResetTests
{
    public static TheoryData<string> Profiles => ["linux-6.1", "linux-6.12", "linux-7.3"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void pcie_flr_does_not_wait_for_a_function_that_is_ready_at_once(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice disk = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.Nvme.WithImmediateReadiness());

        TimeOfReset(host, disk, KernelResult.Success).Should().BeLessThan(TimeSpan.FromMilliseconds(1));

        disk.Hardware.Faults.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void pci_af_flr_does_not_wait_for_a_function_that_is_ready_at_once(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        DeviceImage image = DeviceImages.E1000E.WithCapability(CapabilityId.AdvancedFeatures, [6, 3, 0, 0]);
        PciDevice slow = host.AddEndpoint("0000:00:05.0", image);
        PciDevice quick = host.AddEndpoint("0000:00:06.0", image.WithImmediateReadiness());
        slow.Sysfs.Write("reset_method", "af_flr").Should().Succeed();
        quick.Sysfs.Write("reset_method", "af_flr").Should().Succeed();

        TimeOfReset(host, slow, KernelResult.Success).Should().BeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(100));
        TimeOfReset(host, quick, KernelResult.Success).Should().Be(TimeSpan.Zero);
    }

    // Immediate Readiness is said of resets of the function itself: a bus reset is of the link.
    [Theory]
    [MemberData(nameof(Profiles))]
    public void pci_bridge_secondary_bus_reset_asks_nobody_whether_he_is_ready_at_once(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice disk = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.Nvme.WithImmediateReadiness());
        disk.Sysfs.Write("reset_method", "bus").Should().Succeed();

        TimeOfReset(host, disk, KernelResult.Success).Should().BeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(102));
    }

    // Without a PM capability older kernels do not look.
    [Theory]
    [InlineData("linux-6.1", false)]
    [InlineData("linux-6.12", false)]
    [InlineData("linux-7.3", true)]
    public void pci_imm_ready_init_looks_at_functions_without_power_management_in_7_3(string profile, bool isBelieved)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice disk = host.AddEndpoint(
            "0000:00:05.0", DeviceImages.Nvme.WithImmediateReadiness().WithoutCapability(CapabilityId.PowerManagement));

        (TimeOfReset(host, disk, KernelResult.Success) == TimeSpan.Zero).Should().Be(isBelieved);
    }

    [Theory]
    [InlineData("linux-6.1", 108)]
    [InlineData("linux-6.12", 104)]
    [InlineData("linux-7.3", 104)]
    public void pcie_flr_waits_100_ms_for_any_other_and_to_the_next_tick(string profile, int milliseconds)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice disk = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.Nvme);

        TimeOfReset(host, disk, KernelResult.Success).Should().BeCloseTo(
            TimeSpan.FromMilliseconds(milliseconds), TimeSpan.FromMilliseconds(1));
    }

    // All ones say that requests are pending, too.
    [Theory]
    [InlineData("linux-6.1")]
    [InlineData("linux-6.12")]
    public void pci_wait_for_pending_looks_four_times_at_a_dead_function_before_it_is_reset_in_vain(string profile)
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Parse(profile), loggerFactory: log);
        PciDevice disk = Dead(host);

        TimeOfReset(host, disk, Errno.ENOTTY).Should().BeGreaterThan(TimeSpan.FromSeconds(66));

        log.Lines.Should().Contain("Error 0000:01:00.0: timed out waiting for pending transaction; "
            + "performing function level reset anyway");
    }

    // What never completes its requests is reset all the same, 700 ms later (Device Status; of Advanced Features Status).
    [Theory]
    [MemberData(nameof(Profiles))]
    public void pci_wait_for_pending_looks_four_times_whether_requests_are_completed(string profile)
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Parse(profile), loggerFactory: log);
        byte[] bytes = DeviceImages.Nvme.WithImmediateReadiness().Bytes.ToArray();
        bytes[DeviceImages.Nvme.Capabilities.Find(CapabilityId.Express)!.Value.Offset + ExpressRegisters.DeviceStatus] |=
            (byte)ExpressRegisters.DeviceStatusTransactionsPending;
        PciDevice disk = host.AddEndpoint("0000:00:05.0", DeviceImages.Nvme.WithBytes(bytes));
        PciDevice nic = host.AddEndpoint(
            "0000:00:06.0",
            DeviceImages.E1000E.WithImmediateReadiness().WithCapability(CapabilityId.AdvancedFeatures, [6, 3, 0, 1]));
        nic.Sysfs.Write("reset_method", "af_flr").Should().Succeed();

        TimeOfReset(host, disk, KernelResult.Success).TotalMilliseconds.Should().BeInRange(700, 750);
        TimeOfReset(host, nic, KernelResult.Success).TotalMilliseconds.Should().BeInRange(700, 750);

        log.Lines.Should().Equal(
            "Error 0000:00:05.0: timed out waiting for pending transaction; performing function level reset anyway",
            "Error 0000:00:06.0: timed out waiting for pending transaction; performing AF function level reset anyway");
    }

    [Fact]
    public void pci_dev_config_accessible_leaves_a_dead_function_alone_in_7_3()
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Linux7_3, loggerFactory: log);
        PciDevice disk = Dead(host);

        TimeOfReset(host, disk, Errno.ENOTTY).Should().BeLessThan(TimeSpan.FromMilliseconds(1));

        log.Lines.Should().ContainInOrder(
            "Warning 0000:01:00.0: Device config space inaccessible; unable to save state",
            "Warning 0000:01:00.0: Device config space inaccessible; unable to FLR");
    }

    // The bus's own message: vfio-pci has no reset_prepare, and later kernels say that nobody was told.
    [Theory]
    [InlineData("linux-6.1", 0)]
    [InlineData("linux-6.12", 0)]
    [InlineData("linux-7.3", 2)]
    public void pci_dev_save_and_disable_says_that_it_resets_under_a_driver_that_is_not_told(string profile, int lines)
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Parse(profile), loggerFactory: log);
        PciDevice disk = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.Nvme);
        disk.Sysfs.Write("reset", "1").Should().Succeed();
        log.Lines.Should().BeEmpty("nobody drives it");
        host.VfioPci.Bind(disk);
        log.Lines.Clear();

        disk.Sysfs.Write("reset", "1").Should().Succeed();

        string[] said = ["Warning 0000:01:00.0: resetting", "Warning 0000:01:00.0: reset done"];
        log.Lines.Should().Equal(said.Take(lines));
    }

    // Since 6.11 the bridge above is held too.
    [Theory]
    [InlineData("linux-6.1", null)]
    [InlineData("linux-6.12", "device_lock of 0000:00:03.0")]
    [InlineData("linux-7.3", "device_lock of 0000:00:03.0")]
    public void pci_reset_function_waits_for_who_holds_the_bridge_above(string profile, string? waitsFor)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice disk = port.AddEndpoint("0000:01:00.0", DeviceImages.Nvme.WithImmediateReadiness());
        port.TryLock().Should().BeTrue();

        PendingCall reset = disk.Sysfs.BeginWrite("reset", "1");

        reset.WaitsFor.Should().Be(waitsFor);
        port.Unlock();
        host.Clock.RunPending();
        reset.Result.Should().Be(KernelResult.Success);
        port.IsLocked.Should().BeFalse();
    }

    /// <summary>It died in an earlier reset, and having a neighbour it cannot be reset in another way.</summary>
    private static PciDevice Dead(SimulatedHost host)
    {
        PciDevice port = host.AddRootPort("0000:00:03.0");
        PciDevice disk = port.AddEndpoint("0000:01:00.0", DeviceImages.Nvme, setup => setup.WithBehavior(
            new HardwareBehavior { SilenceAfterFunctionLevelReset = HardwareBehavior.Forever }));
        port.AddEndpoint("0000:01:00.1");
        disk.Hardware.Reset();
        return disk;
    }

    private static TimeSpan TimeOfReset(SimulatedHost host, PciDevice device, KernelResult result)
    {
        TimeSpan began = host.Clock.Now;
        device.Sysfs.Write("reset", "1").Should().Be(result);
        return host.Clock.Now - began;
    }
}

namespace VfioPm.Tests;

/// <summary>What a function level reset waits for (<c>pcie_flr()</c>, <c>pci_af_flr()</c>).</summary>
public sealed class FunctionLevelResetTests
{
    public static TheoryData<string> Profiles => ["linux-6.1", "linux-6.12", "linux-7.3"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_function_that_is_ready_at_once_is_not_waited_for(string profile)
    {
        using var host = new SimulatedHost(KernelProfile.Parse(profile));
        PciDevice disk = host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.Nvme.WithImmediateReadiness());

        TimeOfReset(host, disk, KernelResult.Success).Should().BeLessThan(TimeSpan.FromMilliseconds(1));

        disk.Hardware.Faults.Should().BeEmpty();
    }

    [Theory]
    [InlineData("linux-6.1", 108)]
    [InlineData("linux-6.12", 104)]
    [InlineData("linux-7.3", 104)]
    public void Any_other_is_waited_for_100_ms_and_to_the_next_tick(string profile, int milliseconds)
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
    public void Requests_of_a_dead_function_are_waited_for_before_it_is_reset_in_vain(string profile)
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Parse(profile), loggerFactory: log);
        PciDevice disk = Dead(host);

        TimeOfReset(host, disk, Errno.ENOTTY).Should().BeGreaterThan(TimeSpan.FromSeconds(66));

        log.Lines.Should().Contain("Error 0000:01:00.0: timed out waiting for pending transaction; "
            + "performing function level reset anyway");
    }

    [Fact]
    public void A_dead_function_is_left_alone_by_7_3()
    {
        using var log = new KernelLog();
        using var host = new SimulatedHost(KernelProfile.Linux7_3, loggerFactory: log);
        PciDevice disk = Dead(host);

        TimeOfReset(host, disk, Errno.ENOTTY).Should().BeLessThan(TimeSpan.FromMilliseconds(1));

        log.Lines.Should().ContainInOrder(
            "Warning 0000:01:00.0: Device config space inaccessible; unable to save state",
            "Warning 0000:01:00.0: Device config space inaccessible; unable to FLR");
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

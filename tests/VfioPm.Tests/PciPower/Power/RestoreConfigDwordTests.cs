namespace VfioPm.Tests;

/// <summary><c>pci_restore_config_dword()</c>, of a function that does not answer.</summary>
public sealed class RestoreConfigDwordTests
{
    private const int BridgeControl = 0x3e;
    private const ushort BusReset = 0x0040;

    // Six BARs, each written again for 10 ms. Linux 7.3 writes once.
    [Theory]
    [InlineData("rfc-v1", 60)]
    [InlineData("linux-6.1", 60)]
    [InlineData("linux-6.12", 60)]
    [InlineData("linux-7.3", 0)]
    public void Each_BAR_of_a_silent_function_is_tried_for_ten_milliseconds(string kernel, int milliseconds) =>
        TimeOf(Silent(kernel).RuntimePm.Resume).Should().Be(milliseconds);

    // In the middle of the third BAR; the other three are done at once.
    [Fact]
    public void What_answers_again_meanwhile_is_written_and_waited_for_no_longer()
    {
        PciDevice nic = Silent("linux-6.1");
        PendingCall resume = nic.RuntimePm.BeginResume();
        nic.RuntimePm.Core.Clock.Advance(TimeSpan.FromMilliseconds(25.5));
        resume.IsCompleted.Should().BeFalse();
        nic.Upstream!.Hardware.WriteConfig(BridgeControl, 2, 0);
        nic.Hardware.ReadConfig(PciRegisters.BaseAddress0, 4).Should().Be(0, "the reset was one");

        nic.RuntimePm.Core.Clock.Advance(TimeSpan.FromMilliseconds(0.5));

        resume.IsCompleted.Should().BeTrue();
        nic.Hardware.ReadConfig(PciRegisters.BaseAddress0, 4).Should().Be(0xfe64_0000);
    }

    // pci_restore_state(): Linux 6.1 does not restore what was not saved since; 6.12 does not ask.
    [Theory]
    [InlineData("linux-6.1", 0)]
    [InlineData("linux-6.12", 60)]
    public void What_was_restored_is_restored_again_since_6_12(string kernel, int milliseconds)
    {
        PciDevice nic = Silent(kernel);
        nic.RuntimePm.Resume();
        nic.RuntimePm.Core.Clock.Advance(TimeSpan.FromMilliseconds(1));
        nic.Should().HaveRuntimeStatus(RuntimeStatus.Suspended, "nobody needs it");

        TimeOf(nic.RuntimePm.Resume).Should().Be(milliseconds);
    }

    /// <summary>A function that sleeps, and whose bus is held in reset since.</summary>
    private static PciDevice Silent(string kernel)
    {
        var host = new SimulatedHost(KernelProfile.Parse(kernel));
        PciDevice port = host.AddRootPort("0000:00:03.0");
        port.Sysfs.Write("power/control", "on");
        PciDevice nic = port.AddEndpoint("0000:01:00.0", DeviceImages.E1000E);
        host.VfioPci.Bind(nic);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        nic.Should().BeIn(PowerState.D3Hot).And.HaveRuntimeStatus(RuntimeStatus.Suspended);
        port.Hardware.WriteConfig(BridgeControl, 2, BusReset);
        return nic;
    }

    private static double TimeOf(Func<KernelResult> call)
    {
        VirtualClock clock = ((RuntimePmDevice)call.Target!).Core.Clock;
        TimeSpan begin = clock.Now;
        _ = call();
        return (clock.Now - begin).TotalMilliseconds;
    }
}

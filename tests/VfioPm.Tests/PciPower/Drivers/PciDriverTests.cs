namespace VfioPm.Tests;

/// <summary>A driver that has nothing but what it must have, and how a test calls into it.</summary>
public sealed class PciDriverTests : IDisposable
{
    private readonly SimulatedHost _host = new(KernelProfile.Linux6_12);
    private readonly PciDevice _drive;

    public PciDriverTests()
    {
        _drive = _host.AddRootPort("0000:00:03.0").AddEndpoint("0000:01:00.0", DeviceImages.SriovNvme);
        var driver = new BareDriver();
        _host.Drivers.Register(driver);
        _drive.Bind(driver);
    }

    public void Dispose() => _host.Dispose();

    // sriov_numvfs_store() (drivers/pci/iov.c).
    [Fact]
    public void Who_cannot_configure_virtual_functions_has_none() =>
        _drive.Sysfs.Write("sriov_numvfs", "1").Should().FailWith(Errno.ENOENT);

    // pci_pm_runtime_suspend(): where the driver has no callback the PCI core does its part.
    [Fact]
    public void Without_callbacks_the_function_sleeps_all_the_same()
    {
        _drive.RuntimePm.Allow();
        _drive.RuntimePm.PutSync();

        _drive.Should().BeIn(PowerState.D3Hot).And.HaveRuntimeStatus(RuntimeStatus.Suspended);
    }

    [Fact]
    public void An_interrupt_that_it_does_not_know_is_not_its_own()
    {
        PciIrq.Request(_drive).Should().Be(0);
        _drive.Hardware.AssertInterrupt();

        _drive.InterruptLine!.IsPolled.Should().BeTrue("nobody cared");
        _drive.InterruptLine.ToString().Should().EndWith(", polled");
    }

    [Fact]
    public void A_function_of_the_driver_that_is_begun_goes_on_as_time_passes()
    {
        PendingCall call = BareDriver.BeginPause(_drive);

        call.IsCompleted.Should().BeFalse();
        _host.Clock.Advance(TimeSpan.FromSeconds(1));
        call.Result.Should().Be(new KernelResult(7));
    }

    // enable_irq() (kernel/irq/manage.c).
    [Fact]
    public void A_line_that_is_enabled_once_too_often_stays_as_it_is()
    {
        PciIrq.Request(_drive).Should().Be(0);
        PciIrq.Disable(_drive);
        _drive.InterruptLine!.ToString().Should().EndWith(", disabled");
        PciIrq.Enable(_drive);
        PciIrq.Enable(_drive);

        _drive.InterruptLine!.IsDisabled.Should().BeFalse();
        _host.Log.Should().Say($"Unbalanced enable for IRQ {_drive.InterruptLine.Number}");
    }

    private sealed class BareDriver : PciDriver
    {
        public override string Name => "bare";

        public static PendingCall BeginPause(PciDevice device) => Begin(device, "pauses", static async device =>
        {
            await device.Kernel.Msleep(TimeSpan.FromMilliseconds(50));
            return 7;
        });

        protected internal override async KernelCall<int> Probe(PciDevice device) => await PciPm.Enable(device);
    }
}

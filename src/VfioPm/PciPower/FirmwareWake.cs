namespace VfioPm;

/// <summary>The firmware's word that a function, or somebody below it, wants to be awake (<c>drivers/pci/pci-acpi.c</c>).</summary>
internal sealed class FirmwareWake : WorkItem
{
    private readonly PciDevice _device;

    public FirmwareWake(PciDevice device) => _device = device;

    private FirmwareWake(FirmwareWake original, ForkContext fork)
        : base(original, fork) => _device = fork.Of(original._device);

    public override int Index => _device.RuntimePm.Index;

    protected override Kernel Kernel => _device.Kernel;

    /// <summary>It begins when the interrupt arrives.</summary>
    protected override Frozen FrozenWith => Frozen.Interrupts;

    public override string? Device => _device.Name;

    public override Cause Describe(int tag) => new("firmware says wake", _device.Name);

    public override IForkable Fork(ForkContext fork) => new FirmwareWake(this, fork);

    /// <summary><c>pci_acpi_wake_dev()</c>: without power nobody could be asked who it was.</summary>
    protected override async KernelCall Execute()
    {
        _device.StopPollingForPme();
        if (_device.PowerState == PowerState.D3Cold)
        {
            PciPm.ReportWakeup(_device);
            await PmRuntime.RequestResume(_device.RuntimePm);
            return;
        }

        if (_device.Power.SupportsPme)
        {
            await PciPm.TakePme(_device);
        }

        PciPm.ReportWakeup(_device);
        await PmRuntime.RequestResume(_device.RuntimePm);
        await WakeBus(_device);
    }

    /// <summary><c>pci_pme_wakeup_bus()</c>.</summary>
    private static async KernelCall WakeBus(PciDevice bridge)
    {
        for (int i = 0; i < bridge.Downstream.Count; i++)
        {
            PciDevice below = bridge.Downstream[i];
            below.StopPollingForPme();
            if (below.Power.Pm is not null && await PciPm.TakePme(below))
            {
                PciPm.ReportWakeup(below);
                await PmRuntime.RequestResume(below.RuntimePm);
            }

            await WakeBus(below);
        }
    }
}

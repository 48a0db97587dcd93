namespace VfioPm;

/// <summary>
/// The PCI bus type's runtime-PM callbacks (<c>pci_dev_pm_ops</c> in <c>drivers/pci/pci-driver.c</c>).
/// </summary>
internal sealed class PciRuntimePm : RuntimePmCallbacks
{
    public PciRuntimePm(PciPmDevice device) => Device = device;

    private PciRuntimePm(PciRuntimePm original, ForkContext fork)
    {
        fork.Register(original, this);
        Device = fork.Of(original.Device);
    }

    public PciPmDevice Device { get; }

    /// <summary>The function of the host that a runtime-PM device is, or null for a device that is none.</summary>
    public static PciDevice? FunctionOf(RuntimePmDevice device) => (device.Callbacks as PciRuntimePm)?.Device as PciDevice;

    public override bool Has(RuntimePmCallback callback) => true;

    public override KernelCall<int> Invoke(RuntimePmCallback callback, RuntimePmDevice device) => callback switch
    {
        RuntimePmCallback.Suspend => PciPm.RuntimeSuspend(Device),
        RuntimePmCallback.Resume => PciPm.RuntimeResume(Device),
        _ => PciPm.RuntimeIdle(Device),
    };

    public override IForkable Fork(ForkContext fork) => new PciRuntimePm(this, fork);
}

namespace VfioPm;

/// <summary>
/// The PCI bus type's callbacks of runtime PM and of system sleep (<c>pci_dev_pm_ops</c> in <c>drivers/pci/pci-driver.c</c>).
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

    public override bool HasSystemSleep => true;

    public override DriverSleepFlags SleepFlags => Device.DriverSleepFlags;

    internal override bool AreOfBus => true;

    internal override bool MayWakeUp => Device.MayWakeUp;

    public override KernelCall<int> InvokeSystemSleep(SleepPhase phase, RuntimePmDevice device) => PciPm.PassSleepPhase(Device, phase);

    public override IForkable Fork(ForkContext fork) => new PciRuntimePm(this, fork);
}

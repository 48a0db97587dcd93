namespace VfioPm;

/// <summary>
/// The PCI bus type's runtime-PM callbacks (<c>pci_dev_pm_ops</c> in <c>drivers/pci/pci-driver.c</c>).
/// </summary>
internal sealed class PciRuntimePm : RuntimePmCallbacks
{
    public PciRuntimePm(PciDevice device) => Device = device;

    private PciRuntimePm(PciRuntimePm original, ForkContext fork)
    {
        fork.Register(original, this);
        Device = fork.Of(original.Device);
    }

    public PciDevice Device { get; }

    public override bool Has(RuntimePmCallback callback) => true;

    public override CallbackOutcome Invoke(RuntimePmCallback callback, RuntimePmDevice device, int stage) =>
        Device.Driver switch
        {
            // A function without a driver stays in D0 whatever runtime PM says of it.
            null => KernelResult.Success,
            { HasPmOps: false } => Errno.ENOSYS,
            { } driver => driver.RuntimeIdle(Device),
        };

    public override IForkable Fork(ForkContext fork) => new PciRuntimePm(this, fork);

    internal override Routine? RoutineOf(RuntimePmCallback callback) => callback switch
    {
        RuntimePmCallback.Suspend => RuntimeSuspendRoutine.Instance,
        RuntimePmCallback.Resume => RuntimeResumeRoutine.Instance,
        _ => null,
    };
}

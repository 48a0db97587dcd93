namespace VfioPm;

/// <summary>The PCI bus type's runtime-PM callbacks in a guest (<c>drivers/pci/pci-driver.c</c>).</summary>
internal sealed class GuestRuntimePm : RuntimePmCallbacks
{
    public GuestRuntimePm(GuestDevice device) => Device = device;

    private GuestRuntimePm(GuestRuntimePm original, ForkContext fork)
    {
        fork.Register(original, this);
        Device = fork.Of(original.Device);
    }

    public GuestDevice Device { get; }

    public override bool Has(RuntimePmCallback callback) => true;

    public override KernelCall<KernelResult> Invoke(RuntimePmCallback callback, RuntimePmDevice device) => callback switch
    {
        RuntimePmCallback.Suspend => GuestPm.RuntimeSuspend(Device),
        RuntimePmCallback.Resume => GuestPm.RuntimeResume(Device),
        _ => Device.Driver.Invoke(callback),
    };

    public override IForkable Fork(ForkContext fork) => new GuestRuntimePm(this, fork);
}

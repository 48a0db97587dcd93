namespace VfioPm;

/// <summary>
/// A driver that binds to PCI functions (<c>struct pci_driver</c> and its <c>dev_pm_ops</c>). A driver is one
/// object per host, however many functions it drives.
/// </summary>
public abstract class PciDriver : INumbered
{
    /// <summary>The name in sysfs and messages.</summary>
    public abstract string Name { get; }

    int INumbered.Index => 0;

    /// <summary>Whether the driver has a <c>runtime_suspend</c> of its own.</summary>
    protected internal virtual bool HasRuntimeSuspend => false;

    /// <summary>Whether the driver has a <c>runtime_resume</c> of its own.</summary>
    protected internal virtual bool HasRuntimeResume => false;

    /// <summary>Whether the driver has any power-management callbacks; without them its functions never idle.</summary>
    protected internal virtual bool HasPmOps => true;

    /// <summary>Takes a function over (<c>probe</c>): it is in D0 and held by one usage count.</summary>
    protected internal abstract KernelCall<KernelResult> Probe(PciDevice device);

    /// <summary>Gives the function up (<c>remove</c>), with the usage count that probing found.</summary>
    protected internal abstract KernelCall Remove(PciDevice device);

    /// <summary>Asked before an unused function suspends (<c>runtime_idle</c>); 0 lets it.</summary>
    protected internal virtual KernelResult RuntimeIdle(PciDevice device) => KernelResult.Success;

    /// <summary>
    /// The administrator wants as many virtual functions, or with 0 none (<c>sriov_configure</c>).
    /// </summary>
    /// <returns>0; -ENOENT from a driver that cannot do it; what enabling them gave.</returns>
    protected internal virtual KernelCall<KernelResult> ConfigureSriov(PciDevice device, int count) =>
        (KernelResult)Errno.ENOENT;

    /// <summary>Puts the function to sleep, as far as that is the driver's part (<c>runtime_suspend</c>).</summary>
    protected internal virtual KernelCall<KernelResult> RuntimeSuspend(PciDevice device) => KernelResult.Success;

    /// <summary>The function is in D0 again, and the driver does its part (<c>runtime_resume</c>).</summary>
    protected internal virtual KernelCall<KernelResult> RuntimeResume(PciDevice device) => KernelResult.Success;

    /// <summary>
    /// The driver that a new virtual function of this driver's physical function goes to: a notifier's
    /// <c>driver_override</c>; null for none.
    /// </summary>
    protected internal virtual PciDriver? CaptureVirtualFunction(PciDevice virtualFunction) => null;

    /// <summary>Told before the function is reset (<c>err_handler->reset_prepare</c>).</summary>
    protected internal virtual void ResetPrepare(PciDevice device)
    {
    }

    /// <summary>Told after the function was reset (<c>err_handler->reset_done</c>).</summary>
    protected internal virtual void ResetDone(PciDevice device)
    {
    }

    /// <inheritdoc/>
    public virtual IForkable Fork(ForkContext fork) => this;

    /// <summary>The function's pin interrupts, and the driver asked for it (<c>request_irq()</c>).</summary>
    internal virtual void OnLineInterrupt(PciDevice device)
    {
    }

    /// <summary>The function sent the message of a vector that the driver asked for.</summary>
    internal virtual void OnMessageInterrupt(PciDevice device, int vector)
    {
    }

    /// <summary>Adds what the driver remembers to the hash of the host's state.</summary>
    internal virtual void AddTo(ref StateHash hash)
    {
    }
}

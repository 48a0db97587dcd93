namespace VfioPm;

/// <summary>
/// Who changes a function's power state and when, while vfio-pci has it: what differs most between the kernels
/// before the RFC, the RFC and those that came of it. A policy has no state; it acts on the device's.
/// </summary>
internal abstract class VfioPowerPolicy
{
    /// <summary>Whether the driver registers runtime-PM callbacks.</summary>
    public abstract bool HasPmOps { get; }

    /// <summary>The driver's own callbacks, or null.</summary>
    public virtual Routine? RuntimeSuspend => null;

    /// <inheritdoc cref="RuntimeSuspend"/>
    public virtual Routine? RuntimeResume => null;

    /// <summary>
    /// What the user of an open device has not done for it to sleep: "has not asked for D3hot"; null where it is up to
    /// nobody, or done.
    /// </summary>
    public virtual string? LeftUndoneForSleep(VfioPciDevice device) => null;

    /// <summary>The driver took the function (<c>vfio_pci_core_register_device()</c>).</summary>
    public abstract void Register(VfioPciDevice device);

    /// <summary>The driver gives the function up (<c>vfio_pci_core_unregister_device()</c>).</summary>
    public abstract void Unregister(VfioPciDevice device);

    /// <summary>A user opens the device (the beginning of <c>vfio_pci_core_enable()</c>).</summary>
    public abstract KernelResult BeginUse(VfioPciDevice device);

    /// <summary>Opening failed after <see cref="BeginUse"/>.</summary>
    public abstract void AbandonUse(VfioPciDevice device);

    /// <summary>The user closes the device: from here on it is in D0 (the beginning of <c>vfio_pci_core_disable()</c>).</summary>
    public abstract void WakeForClose(VfioPciDevice device);

    /// <summary>The device is closed; <paramref name="wasReset"/> says whether its set was reset.</summary>
    public abstract void EndUse(VfioPciDevice device, bool wasReset);

    /// <summary>
    /// An ioctl, a read or a write of the user begins (<c>vfio_device_pm_runtime_get()</c>); an error ends it.
    /// </summary>
    public virtual KernelResult BeginUserCall(VfioPciDevice device) => KernelResult.Success;

    /// <summary>Undoes <see cref="BeginUserCall"/>.</summary>
    public virtual void EndUserCall(VfioPciDevice device)
    {
    }

    /// <summary>The user is about to have the device reset, alone or with its set.</summary>
    public virtual void BeforeReset(VfioPciDevice device)
    {
    }

    /// <summary>The set was reset through <paramref name="through"/>; called for every member.</summary>
    public abstract void AfterSetReset(VfioPciDevice member, VfioPciDevice through);

    /// <summary>The members are about to be reset; an error stops it.</summary>
    public virtual KernelResult HoldForReset(DeviceSet members) => KernelResult.Success;

    /// <summary>
    /// Virtual functions of the device are about to be enabled (<c>vfio_pci_core_sriov_configure()</c>); an error stops
    /// it.
    /// </summary>
    public virtual KernelResult HoldForVirtualFunctions(VfioPciDevice device) => KernelResult.Success;

    /// <summary>They are gone, or did not come.</summary>
    public virtual void ReleaseAfterVirtualFunctions(VfioPciDevice device)
    {
    }

    /// <summary>Undoes <see cref="HoldForReset"/>.</summary>
    public virtual void ReleaseAfterReset(DeviceSet members)
    {
    }
}

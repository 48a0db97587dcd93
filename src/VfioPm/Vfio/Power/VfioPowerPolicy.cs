namespace VfioPm;

/// <summary>
/// Who changes a function's power state and when, while vfio-pci has it: what differs most between the kernels
/// before the RFC, the RFC and those that came of it. A policy has no state; it acts on the device's.
/// </summary>
internal abstract class VfioPowerPolicy : IUnchanging
{
    /// <summary>Whether the driver registers runtime-PM callbacks.</summary>
    public abstract bool HasPmOps { get; }

    /// <summary>Whether the driver has runtime-PM callbacks of its own (<see cref="LowPower"/>).</summary>
    public virtual bool HasOwnCallbacks => false;

    /// <summary>
    /// What the user of an open device has not done for it to sleep: "has not asked for D3hot"; null where it is up to
    /// nobody, or done.
    /// </summary>
    public virtual string? LeftUndoneForSleep(VfioPciDevice device) => null;

    /// <summary>The driver took the function (<c>vfio_pci_core_register_device()</c>).</summary>
    public abstract KernelCall Register(VfioPciDevice device);

    /// <summary>The driver gives the function up (<c>vfio_pci_core_unregister_device()</c>).</summary>
    public abstract KernelCall Unregister(VfioPciDevice device);

    /// <summary>A user opens the device (the beginning of <c>vfio_pci_core_enable()</c>).</summary>
    public abstract KernelCall<KernelResult> BeginUse(VfioPciDevice device);

    /// <summary>Opening failed after <see cref="BeginUse"/>.</summary>
    public abstract KernelCall AbandonUse(VfioPciDevice device);

    /// <summary>The user closes the device: from here on it is in D0 (the beginning of <c>vfio_pci_core_disable()</c>).</summary>
    public abstract KernelCall WakeForClose(VfioPciDevice device);

    /// <summary>The device is closed; <paramref name="wasReset"/> says whether its set was reset.</summary>
    public abstract KernelCall EndUse(VfioPciDevice device, bool wasReset);

    /// <summary>
    /// An ioctl, a read or a write of the user begins (<c>vfio_device_pm_runtime_get()</c>); an error ends it.
    /// </summary>
    public virtual KernelCall<KernelResult> BeginUserCall(VfioPciDevice device) => KernelResult.Success;

    /// <summary>Undoes <see cref="BeginUserCall"/>.</summary>
    public virtual KernelCall EndUserCall(VfioPciDevice device) => KernelCall.Returned;

    /// <summary>The user is about to have the device reset, alone or with its set.</summary>
    public virtual KernelCall BeforeReset(VfioPciDevice device) => KernelCall.Returned;

    /// <summary>The set was reset through <paramref name="through"/>; called for every member.</summary>
    public abstract KernelCall AfterSetReset(VfioPciDevice member, VfioPciDevice through);

    /// <summary>The members are about to be reset; an error stops it.</summary>
    public virtual KernelCall<KernelResult> HoldForReset(DeviceSet set) => KernelResult.Success;

    /// <summary>
    /// Virtual functions of the device are about to be enabled (<c>vfio_pci_core_sriov_configure()</c>); an error stops
    /// it.
    /// </summary>
    public virtual KernelCall<KernelResult> HoldForVirtualFunctions(VfioPciDevice device) => KernelResult.Success;

    /// <summary>They are gone, or did not come.</summary>
    public virtual KernelCall ReleaseAfterVirtualFunctions(VfioPciDevice device) => KernelCall.Returned;

    /// <summary>Undoes <see cref="HoldForReset"/>.</summary>
    public virtual KernelCall ReleaseAfterReset(DeviceSet set) => KernelCall.Returned;
}

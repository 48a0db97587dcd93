namespace VfioPm;

// Features, low power first among them.
public sealed partial class VfioDeviceFile
{
    /// <summary>Probes, reads or writes a feature (<c>VFIO_DEVICE_FEATURE</c>).</summary>
    /// <returns>
    /// 0, or for a buffer the number of its descriptor; -ENOTTY for a feature that the kernel does not have, or not for this device; -EINVAL for what makes no sense;
    /// -EFAULT for data that is not there; -EBADF for a descriptor that is not open; of a buffer what
    /// <see cref="TryExport"/> gives; -EIO if the device cannot be woken.
    /// </returns>
    public KernelResult Feature(in VfioFeatureRequest request) => Ioctl(new FeatureRequest(request));

    /// <summary>Begins <see cref="Feature"/>.</summary>
    public PendingCall BeginFeature(in VfioFeatureRequest request) => Begin(new FeatureRequest(request));

    /// <summary>
    /// Sets the secret without which nobody opens a virtual function of this physical one
    /// (<c>VFIO_DEVICE_FEATURE_PCI_VF_TOKEN</c>).
    /// </summary>
    /// <returns>0; -ENOTTY for any other function.</returns>
    public KernelResult SetVfToken(Guid token) =>
        Feature(new VfioFeatureRequest(VfioFeature.PciVfToken, VfioFeatureFlags.Set) { Token = token });

    /// <summary>
    /// Permits low power until <see cref="ExitLowPower"/>; each call in between wakes the device for its time
    /// (<c>VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY</c>, Linux 6.1).
    /// </summary>
    /// <returns>0; -ENOTTY on earlier kernels; -EINVAL if it is permitted already.</returns>
    public KernelResult EnterLowPower() =>
        Feature(new VfioFeatureRequest(VfioFeature.LowPowerEntry, VfioFeatureFlags.Set));

    /// <summary>Begins <see cref="EnterLowPower()"/>.</summary>
    public PendingCall BeginEnterLowPower() =>
        BeginFeature(new VfioFeatureRequest(VfioFeature.LowPowerEntry, VfioFeatureFlags.Set));

    /// <summary>
    /// Permits low power until the device is woken, by whomever; then the eventfd is signalled once
    /// (<c>VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP</c>, Linux 6.1).
    /// </summary>
    /// <returns>As <see cref="EnterLowPower()"/>, and -EBADF, -EINVAL for a bad descriptor.</returns>
    public KernelResult EnterLowPower(FileDescriptor wakeup) =>
        Feature(new VfioFeatureRequest(VfioFeature.LowPowerEntryWithWakeup, VfioFeatureFlags.Set, wakeup));

    /// <summary>Begins <see cref="EnterLowPower(FileDescriptor)"/>.</summary>
    public PendingCall BeginEnterLowPower(FileDescriptor wakeup) =>
        BeginFeature(new VfioFeatureRequest(VfioFeature.LowPowerEntryWithWakeup, VfioFeatureFlags.Set, wakeup));

    /// <summary>Keeps the device active again (<c>VFIO_DEVICE_FEATURE_LOW_POWER_EXIT</c>, Linux 6.1).</summary>
    /// <returns>0, whether or not low power was permitted; -ENOTTY on earlier kernels.</returns>
    public KernelResult ExitLowPower() =>
        Feature(new VfioFeatureRequest(VfioFeature.LowPowerExit, VfioFeatureFlags.Set));

    /// <summary>Begins <see cref="ExitLowPower"/>.</summary>
    public PendingCall BeginExitLowPower() =>
        BeginFeature(new VfioFeatureRequest(VfioFeature.LowPowerExit, VfioFeatureFlags.Set));
}

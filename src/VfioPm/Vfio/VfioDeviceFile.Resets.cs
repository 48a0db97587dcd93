namespace VfioPm;

// Resets.
public sealed partial class VfioDeviceFile
{
    /// <summary>The group that the device is in.</summary>
    public VfioGroup Group => new(Device.Pci.IommuGroup);

    /// <summary>Resets the function (<c>VFIO_DEVICE_RESET</c>).</summary>
    /// <returns>
    /// 0; -EINVAL if it could not be reset when it was opened; -EAGAIN while somebody else is busy with it; -ENOTTY if
    /// it did not come back; -EIO if it cannot be woken.
    /// </returns>
    public KernelResult Reset() => Ioctl(ResetRequest.Instance);

    /// <summary>Begins <see cref="Reset"/>.</summary>
    public PendingCall BeginReset() => Begin(ResetRequest.Instance);

    /// <summary>Asks what a hot reset would reset (<c>VFIO_DEVICE_GET_PCI_HOT_RESET_INFO</c>).</summary>
    /// <param name="info">The answer.</param>
    /// <param name="argumentSize">The caller's <c>argsz</c>; room for all of them by default.</param>
    /// <returns>
    /// 0; -EINVAL for an <c>argsz</c> below <see cref="HotResetInfo.HeaderSize"/>; -ENODEV on a root bus; -ENOSPC, with
    /// the count in <paramref name="info"/>, without room for all; -EIO if the device cannot be woken.
    /// </returns>
    public KernelResult GetHotResetInfo(out HotResetInfo info, uint argumentSize = uint.MaxValue)
    {
        var request = new HotResetInfoRequest(argumentSize);
        KernelResult result = Ioctl(request);
        info = request.Info;
        return result;
    }

    /// <summary>Resets the device's bus (<c>VFIO_DEVICE_PCI_HOT_RESET</c>).</summary>
    /// <param name="groups">The groups that the caller owns.</param>
    /// <returns>
    /// 0; -ENODEV on a root bus; -EINVAL for no groups, more than there are functions, something else than a group, a
    /// function on the bus that vfio-pci does not have, or one that is in none of the groups; -EBADF for a descriptor
    /// that is not open; -EAGAIN while somebody else is busy with one of them; -EBUSY while a user of one of them has its
    /// power state, its decoding or itself changed or reset; -ENOTTY if they did not come back; -EIO
    /// or another error if a device cannot be woken.
    /// </returns>
    public KernelResult HotReset(params ReadOnlySpan<FileDescriptor> groups) => HotReset(0, groups);

    /// <summary>The same with flags, of which there are none.</summary>
    /// <returns>The same, and -EINVAL for any flag.</returns>
    public KernelResult HotReset(uint flags, ReadOnlySpan<FileDescriptor> groups) =>
        Ioctl(new HotResetRequest(flags, groups));

    /// <summary>Begins <see cref="HotReset(ReadOnlySpan{FileDescriptor})"/>.</summary>
    public PendingCall BeginHotReset(params ReadOnlySpan<FileDescriptor> groups) =>
        Begin(new HotResetRequest(0, groups));
}

namespace VfioPm;

// ioctls by number.
public sealed partial class VfioDeviceFile
{
    /// <summary>
    /// Makes an ioctl of the vfio type with a null pointer for its argument:
    /// <c>ioctl(fd, _IO(';', 100 + number), 0)</c>.
    /// </summary>
    /// <returns>
    /// -EFAULT for an ioctl that takes an argument; -ENOTTY for one that is none of a vfio-pci device's; what
    /// <see cref="Reset"/> returns for <c>VFIO_DEVICE_RESET</c>, which takes none.
    /// </returns>
    public KernelResult Ioctl(int number)
    {
        using var call = new UserCall(this, "user calls an ioctl");
        return call.Failure ?? (VfioIoctl)number switch
        {
            VfioIoctl.DeviceReset => Device.ResetByUser(),
            VfioIoctl.DeviceGetInfo
                or VfioIoctl.DeviceGetRegionInfo
                or VfioIoctl.DeviceGetIrqInfo
                or VfioIoctl.DeviceSetIrqs
                or VfioIoctl.DeviceGetPciHotResetInfo
                or VfioIoctl.DevicePciHotReset
                or VfioIoctl.DeviceIoEventFd
                or VfioIoctl.DeviceFeature => Errno.EFAULT,
            _ => Errno.ENOTTY,
        };
    }
}

namespace VfioPm;

/// <summary>
/// The reset of a device's bus on behalf of its user (<c>vfio_pci_ioctl_pci_hot_reset()</c>), who must own every
/// function that it resets.
/// </summary>
internal readonly struct HotReset(VfioPciDevice device)
{
    private PciDevice? Bridge => device.Pci.Upstream;

    /// <summary>What it would reset.</summary>
    public KernelResult GetInfo(uint argumentSize, out HotResetInfo info)
    {
        info = HotResetInfo.Empty;
        if (argumentSize < HotResetInfo.HeaderSize)
        {
            return Errno.EINVAL;
        }

        if (Bridge is null)
        {
            return Errno.ENODEV;
        }

        List<DependentDevice> devices = [];
        Bridge.ForEachBelow(below => devices.Add(new DependentDevice(new VfioGroup(below.IommuGroup), below.Address)));
        bool fits = argumentSize >= HotResetInfo.HeaderSize + (devices.Count * HotResetInfo.DeviceSize);
        info = new HotResetInfo(devices.Count, fits ? devices : []);
        return fits ? KernelResult.Success : Errno.ENOSPC;
    }

    /// <summary>Does it.</summary>
    public KernelResult Run(ReadOnlySpan<FileDescriptor> groups)
    {
        if (Bridge is null)
        {
            return Errno.ENODEV;
        }

        int count = 0;
        Bridge.ForEachBelow(_ => count++);
        if (groups.IsEmpty || groups.Length > count)
        {
            return Errno.EINVAL;
        }

        foreach (FileDescriptor descriptor in groups)
        {
            KernelResult result = descriptor.GetGroup(out _);
            if (result.IsError)
            {
                return result;
            }
        }

        return device.Set.HotReset(groups);
    }
}

namespace VfioPm;

/// <summary>
/// <c>VFIO_DEVICE_PCI_HOT_RESET</c>: the reset of a device's bus on behalf of its user, who must own every function that it
/// resets (<c>vfio_pci_ioctl_pci_hot_reset()</c>).
/// </summary>
internal sealed class HotResetRequest(uint flags, FileDescriptor[] descriptors) : VfioRequest
{
    public override string What => "user hot resets";

    public override async KernelCall<KernelResult> Execute(VfioSession session)
    {
        if (flags != 0)
        {
            return Errno.EINVAL;
        }

        if (session.Pci.Upstream is not { } bridge)
        {
            return Errno.ENODEV;
        }

        if (descriptors.Length == 0 || descriptors.Length > bridge.CountBelow())
        {
            return Errno.EINVAL;
        }

        KernelResult result = GroupList.Take(descriptors, out GroupList groups);
        return result.IsError ? result : await session.Device.Set.HotReset(groups);
    }

    public override VfioRequest Fork(ForkContext fork) =>
        new HotResetRequest(flags, Array.ConvertAll(descriptors, descriptor => descriptor.Fork(fork)));

    public override void AddTo(ref StateHash hash)
    {
        hash.Add(flags);
        hash.Add(descriptors.Length);
        foreach (FileDescriptor descriptor in descriptors)
        {
            descriptor.AddTo(ref hash);
        }
    }
}

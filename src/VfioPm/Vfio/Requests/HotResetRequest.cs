namespace VfioPm;

/// <summary>
/// <c>VFIO_DEVICE_PCI_HOT_RESET</c>: the reset of a device's bus on behalf of its user, who must own every function that it
/// resets (<c>vfio_pci_ioctl_pci_hot_reset()</c>).
/// </summary>
/// <param name="header">Flags, of which there are none, and how many groups the user says it gives.</param>
/// <param name="descriptors">Those that are there.</param>
internal sealed class HotResetRequest(HotResetStructure header, FileDescriptor[] descriptors) : VfioRequest
{
    private const uint HeaderSize = 12;

    public HotResetRequest(uint flags, ReadOnlySpan<FileDescriptor> descriptors)
        : this(new HotResetStructure(HeaderSize, flags, (uint)descriptors.Length), descriptors.ToArray())
    {
    }

    public override string What => "user hot resets";

    /// <inheritdoc cref="FeatureRequest.CopyFrom"/>
    public static HotResetRequest? CopyFrom(UserMemory argument, DescriptorTable descriptors) =>
        argument.TryCopyFrom(out HotResetStructure header)
            ? new HotResetRequest(header, descriptors.Read(argument.Bytes[(int)HeaderSize..], header.Count))
            : null;

    public override async KernelCall<int> Execute(VfioSession session)
    {
        // Whoever has the device by its group names groups, and nobody else.
        bool isCdev = session.Device.Iommufd is not null;
        bool isMistaken = (header.Count == 0) != isCdev && session.Device.Rules.WantsGroupsFirst;
        if (header.ArgumentSize < HeaderSize || header.Flags != 0 || isMistaken)
        {
            return -Errno.EINVAL;
        }

        if (session.Pci.Upstream is not { } bridge || !BusReset.IsResettable(bridge))
        {
            return -Errno.ENODEV;
        }

        if (isCdev)
        {
            return await session.Device.Set.HotReset(session.Device, groups: null);
        }

        if (header.Count == 0 || header.Count > bridge.CountBelow())
        {
            return -Errno.EINVAL;
        }

        if (descriptors.Length < header.Count)
        {
            return -Errno.EFAULT;
        }

        int result = GroupList.Take(descriptors, out GroupList groups);
        return result < 0 ? result : await session.Device.Set.HotReset(session.Device, groups);
    }

    public override VfioRequest Fork(ForkContext fork) =>
        new HotResetRequest(header, Array.ConvertAll(descriptors, descriptor => descriptor.Fork(fork)));

    public override void AddTo(ref StateHash hash)
    {
        hash.Add(header.ArgumentSize);
        hash.Add(header.Flags);
        hash.Add(header.Count);
        hash.Add(descriptors.Length);
        foreach (FileDescriptor descriptor in descriptors)
        {
            descriptor.AddTo(ref hash);
        }
    }
}
